"""Run a module that cannot outlive its parent process: `python -m tests.benchmarks.child app serve`.

Linux sends it SIGTERM when its parent ends for any reason, and SIGALRM when its time is over. Both survive exec, so
that the process runs the module itself.
"""

import ctypes
import os
import signal
import sys

LONGEST = 4 * 3600
"""Seconds after which a server is stopped."""

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Replace this process by `python -m` with the arguments."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.alarm(LONGEST)
    os.execv(sys.executable, [sys.executable, "-m", *sys.argv[1:]])


if __name__ == "__main__":
    main()
