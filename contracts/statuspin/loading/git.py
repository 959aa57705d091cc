"""Read files of git revisions."""

import posixpath
import subprocess

from statuspin.errors import CannotRun


def ensure_revision(revision: str, name: str) -> None:
    """Raise CannotRun if git does not know a revision. name: the subject of the message."""
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}")
    if revision and _run(*arguments) is None:
        raise CannotRun(f"{name}: no such file, and no git revision {revision!r} in the repository of this folder")
    if _run("rev-parse", "--git-dir") is None:
        raise CannotRun(f"{name}: no such file, and this folder is not in a git repository")


def path_from_top(path: str) -> str:
    """Return a path from the top of the repository, as git resolves it after a revision. `./x` starts from here."""
    if path in {".", ".."} or path.startswith(("./", "../")):
        path = posixpath.join((_run("rev-parse", "--show-prefix") or b"").decode().strip(), path)
    normal = posixpath.normpath(path).lstrip("/")
    return "" if normal == "." else normal


def has_file(revision: str, path: str) -> bool:
    """Return whether a revision has a file at a path from the top."""
    if revision.startswith("-") or not path or "\0" in revision + path:
        return False
    return (_run("cat-file", "-t", f"{revision}:{path}") or b"").strip() == b"blob"


def read(revision: str, path: str) -> bytes:
    """Return the content of a file of a revision, empty if it does not exist."""
    return _run("cat-file", "blob", f"{revision}:{path}") or b""


def _run(*arguments: str) -> bytes | None:
    """Return the output of a git command, or None if it fails."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)  # noqa: S603, S607 - found by the user's PATH
    except OSError:
        raise CannotRun("git is not installed or cannot be run") from None
    return done.stdout if done.returncode == 0 else None
