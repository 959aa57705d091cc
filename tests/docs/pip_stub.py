"""Replace pip: succeed if the packages to install are installed already, and folders with the extras exist."""

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path


def main(arguments: list[str]) -> None:
    """Check `install` with names, or folders with extras. Exit with 1 and the reason if something is not there."""
    if arguments[:1] != ["install"]:
        sys.exit(f"only `pip install` is expected, not {arguments}")
    for argument in arguments[1:]:
        if not argument.startswith("-"):
            _check(argument)


def _check(argument: str) -> None:
    place, _, extras = argument.partition("[")
    if not place.startswith("."):
        metadata.version(re.split(r"[<>=]", place)[0])
        return
    project = tomllib.loads((Path(place) / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if unknown := set(filter(None, extras.rstrip("]").split(","))) - set(project.get("optional-dependencies", {})):
        sys.exit(f"{argument}: {project['name']} has no extra {', '.join(sorted(unknown))}")


if __name__ == "__main__":
    main(sys.argv[1:])
