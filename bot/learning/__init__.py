"""Versions of the model: trained from corrections, kept, served."""
