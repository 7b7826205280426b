"""What `python -m model` does: each command with the options that it takes."""
