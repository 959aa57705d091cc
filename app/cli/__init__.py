"""The command line: one module per command. Only app/__main__.py imports it."""
