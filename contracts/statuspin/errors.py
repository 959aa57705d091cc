"""The error that stops a command before it has a result."""


class CannotRun(Exception):
    """A command cannot run. The message is one line that names the place and the fix; the exit code is 2."""
