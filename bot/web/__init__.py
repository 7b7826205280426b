"""The HTTP side: one Starlette application."""
