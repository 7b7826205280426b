"""Handlers, one module a conversation topic."""
