"""Run a module that cannot outlive whoever started it: `python -m tests.benchmarks.bounded app serve`.

Linux sends it SIGTERM when its parent ends, however that ends, and SIGALRM when its time is up. Both hold on across
exec, so that what runs is the module itself and nothing around it.
"""

import ctypes
import os
import signal
import sys

LONGEST = 4 * 3600
"""Seconds that a server may live."""

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become `python -m` the arguments."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.alarm(LONGEST)
    os.execv(sys.executable, [sys.executable, "-m", *sys.argv[1:]])


if __name__ == "__main__":
    main()
