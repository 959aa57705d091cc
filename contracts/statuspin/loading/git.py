"""Files of git revisions."""

import posixpath
import subprocess

from statuspin.errors import CannotRun


def ensure_revision(revision: str, name: str) -> None:
    """Raise CannotRun if git does not know a revision. name: what the message is about."""
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}")
    if revision and _run(*arguments) is None:
        raise CannotRun(f"{name}: no such file, and no git revision {revision!r} in the repository of this folder")
    if _run("rev-parse", "--git-dir") is None:
        raise CannotRun(f"{name}: no such file, and this folder is in no git repository")


def path_from_top(path: str) -> str:
    """A path as git reads it behind a revision, from the top of the repository: `./x` starts from here."""
    if path in {".", ".."} or path.startswith(("./", "../")):
        path = posixpath.join((_run("rev-parse", "--show-prefix") or b"").decode().strip(), path)
    normal = posixpath.normpath(path).lstrip("/")
    return "" if normal == "." else normal


def has_file(revision: str, path: str) -> bool:
    """Whether a revision has a file at a path from the top."""
    if revision.startswith("-") or not path or "\0" in revision + path:
        return False
    return (_run("cat-file", "-t", f"{revision}:{path}") or b"").strip() == b"blob"


def read(revision: str, path: str) -> bytes:
    """The file of a revision; empty if there is none."""
    return _run("cat-file", "blob", f"{revision}:{path}") or b""


def _run(*arguments: str) -> bytes | None:
    """The output of a git command; None if it fails."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)  # noqa: S603, S607 - as the user's PATH has it
    except OSError:
        raise CannotRun("git is not installed, or cannot be run") from None
    return done.stdout if done.returncode == 0 else None
