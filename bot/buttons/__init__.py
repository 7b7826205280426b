"""Inline buttons: what they carry, and how they are laid out."""
