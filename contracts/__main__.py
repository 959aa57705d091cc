"""Say which command took the place of `python -m contracts`."""

import shlex
import sys

command = shlex.join(["python", "-m", "statuspin", *sys.argv[1:]])
sys.stderr.write(f"error: the harness is now the package statuspin; run: {command}\n")
sys.exit(2)
