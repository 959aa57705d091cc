"""Build every distribution, and check what would be uploaded: `python -m tests.packages`.

Sdists and wheels are built without isolation, metadata is checked against the rules of PyPI, READMEs are rendered, and
wheels are searched for files that do not belong there. Nothing is uploaded.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import click

CHECKOUT = Path(__file__).parent.parent
DISTRIBUTIONS = {"interview-system": ".", "statuspin": "contracts", "pytest-loopguard": "contracts/loopguard"}
SCRIPTS = Path(sys.executable).parent


def main() -> int:
    """Build and check each distribution. Return 1 if one of them is not fit to be uploaded."""
    failures = [name for name, folder in DISTRIBUTIONS.items() if not _is_fit(name, CHECKOUT / folder)]
    click.echo(f"{len(DISTRIBUTIONS) - len(failures)} of {len(DISTRIBUTIONS)} distributions are fit to be uploaded")
    return 1 if failures else 0


def _is_fit(name: str, source: Path) -> bool:
    with tempfile.TemporaryDirectory() as built:
        commands = [
            [SCRIPTS / "validate-pyproject", "pyproject.toml"],
            [sys.executable, "-m", "hatchling", "build", "--directory", built],
        ]
        if not all(_succeeds(name, command, source) for command in commands):
            return False
        files = sorted(Path(built).iterdir())
        return all(
            [
                _succeeds(name, [SCRIPTS / "twine", "check", "--strict", *files], source),
                _succeeds(name, [SCRIPTS / "check-wheel-contents", built], source),
            ]
        )


def _succeeds(name: str, command: list[str | Path], folder: Path) -> bool:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        click.echo(f"{name}: {Path(command[0]).name} failed:\n{done.stdout}{done.stderr}", err=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
