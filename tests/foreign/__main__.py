"""Test open-source servers with statuspin: `python -m tests.foreign COMMAND [SERVER …]`.

`setup` installs each server in an environment of its own. `first` writes a fresh scaffold and runs `verify` on it with
reading requests. `pins` runs the pins of the server's folder. `fuzz` runs plain Schemathesis. `all` runs these in turn.
"""

import argparse
import sys
import time

from tests.foreign import runs
from tests.foreign.server import HOME, Server, servers

_STEPS = {"first": runs.first_verdict, "pins": runs.run_pins, "fuzz": runs.run_schemathesis}


def main() -> int:
    """Run a command for the named servers, or for all of them. Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.foreign", description=__doc__)
    parser.add_argument("command", choices=["list", "setup", *_STEPS, "all"])
    parser.add_argument("names", nargs="*", metavar="SERVER")
    chosen = parser.parse_args()
    known = servers()
    if unknown := set(chosen.names) - set(known):
        parser.error(f"unknown server {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    failed = [name for name in chosen.names or known if not _run(chosen.command, known[name])]
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return 1 if failed else 0


def _run(command: str, server: Server) -> bool:
    if command == "list":
        sys.stdout.write(f"{server.name:18} {server.title}\n")
        return True
    try:
        if command in ("setup", "all"):
            began = time.monotonic()
            server.install()
            sys.stdout.write(f"{server.name}: installed in {HOME / server.name}, {time.monotonic() - began:.0f} s\n")
        for name, step in _STEPS.items():
            if command in (name, "all"):
                step(server)
    except runs.StepFailed as error:
        sys.stderr.write(f"{server.name}: {error}\n")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
