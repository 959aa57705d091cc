"""What stops a command before it can come to a verdict."""


class CannotRun(Exception):
    """One line that names the place and the mend; the command line prints it and exits with 2."""
