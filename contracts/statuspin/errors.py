"""The exception for a command that cannot run."""


class CannotRun(Exception):
    """A command cannot run. The message is one line that names the place and the fix; the exit code is 2."""
