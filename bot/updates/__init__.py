"""Updates on their way to the handlers: in order, each once, none lost."""
