"""The command line, a file a command. Only app/__main__.py imports it."""
