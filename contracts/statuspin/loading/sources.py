"""The sources of documents: files and folders, git revisions, URLs, standard input."""

import os
import re
import sys
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from statuspin.errors import CannotRun
from statuspin.loading import git, web
from statuspin.loading.files import File, parse_file, read_content

NAMES = ("openapi.yaml", "openapi.yml", "openapi.json")
_REVISION = re.compile(r"(?P<revision>[^:]*):(?P<path>.*)", re.DOTALL)


class Source:
    """Files on this machine. The base of the other sources."""

    revision: str | None = None
    is_folder = False

    def __init__(self, root: str, *, given: str = "", allow_remote: bool) -> None:
        """root: the URI of the document. given: the path from the command line.

        allow_remote: whether references to other servers are followed.
        """
        self.root, self._given = root, given
        self._allow_remote = allow_remote

    def read(self, uri: str) -> tuple[bytes, str]:
        """Return the content at a URI, and its name in messages. Raises CannotRun if it cannot be read."""
        return read_content(Path(unquote(urlsplit(uri).path)), self.name(uri)), self.name(uri)

    def has(self, uri: str) -> bool:
        """Return whether a file exists at a URI."""
        return Path(unquote(urlsplit(uri).path)).is_file()

    def name(self, uri: str) -> str:
        """Return the name of a file in messages: its path, relative if the document's path is relative."""
        if uri == self.root:
            return self._given
        path, folder = unquote(urlsplit(uri).path), Path(unquote(urlsplit(self.root).path)).parent
        return os.path.normpath(Path(self._given).parent / os.path.relpath(path, folder))

    def document(self) -> File:
        """Return the document. Raises CannotRun if it cannot be read."""
        return self._file(self.root)

    def load(self, uri: str) -> File:
        """Return a file that the document refers to.

        Raises CannotRun, without the file's name, if it is not allowed.
        """
        if web.is_remote(uri) and web.origin(uri) != web.origin(self.root):
            if not self._allow_remote:
                raise CannotRun("it is on another server; pass --allow-remote to read it")
            return web.fetch(uri, any_origin=True)
        if urlsplit(uri).scheme != urlsplit(self.root).scheme:
            raise CannotRun("it is neither relative nor an http URL")
        return self._file(uri)

    def find_sibling(self, name: str) -> File | None:
        """Return the file of that name in the document's folder, or None if it does not exist."""
        uri = urljoin(self.root, quote(name))
        return self._file(uri) if self.has(uri) else None

    def _file(self, uri: str) -> File:
        content, name = self.read(uri)
        return parse_file(uri, name, content, self.revision)


class StandardInput(Source):
    """A document on standard input. Files that it refers to are read from the current folder."""

    def read(self, uri: str) -> tuple[bytes, str]:
        """Return the content at a URI, and its name in messages. Raises CannotRun if it cannot be read."""
        if uri != self.root:
            return super().read(uri)
        return sys.stdin.buffer.read(), "standard input"

    def find_sibling(self, name: str) -> File | None:
        """Return None. A document on standard input has no folder."""
        del name
        return None


class Revision(Source):
    """A revision of the current git repository. The path of a URI is the path in the revision."""

    def __init__(self, revision: str, path: str, *, allow_remote: bool) -> None:
        """Find the document of a revision. Raises CannotRun if it does not exist.

        revision: empty for the index. path: a file, or a folder with openapi.yaml.
        """
        self.revision = revision
        inside = git.path_from_top(path)
        candidates = [inside, *(f"{inside}/{name}".lstrip("/") for name in NAMES)]
        found = next((each for each in candidates if git.has_file(revision, each)), None)
        if found is None:
            git.ensure_revision(revision, f"{revision}:{path}")
            raise CannotRun(f"{revision}:{path}: the revision has neither this file nor a folder with openapi.yaml")
        super().__init__(f"file:///{quote(found)}", allow_remote=allow_remote)
        self.is_folder = found != inside

    def read(self, uri: str) -> tuple[bytes, str]:
        """Return the content at a URI, and its name in messages. Raises CannotRun if it cannot be read."""
        if not self.has(uri):
            raise CannotRun(f"{self.name(uri)}: the revision has no such file")
        return git.read(self.revision or "", _path_in_revision(uri)), self.name(uri)

    def has(self, uri: str) -> bool:
        """Return whether the revision has a file at a URI."""
        return git.has_file(self.revision or "", _path_in_revision(uri))

    def name(self, uri: str) -> str:
        """Return the name of a file in messages, such as `HEAD~1:openapi.yaml`."""
        return f"{self.revision}:{_path_in_revision(uri)}"


class Web(Source):
    """A URL. Relative references are resolved on its server."""

    def document(self) -> File:
        """Return the document. Follows redirects to other servers. Raises CannotRun if it cannot be read."""
        file = web.fetch(self.root, any_origin=True)
        self.root = file.uri
        return file

    def find_sibling(self, name: str) -> File | None:
        """Return None. Files next to a URL are not read."""
        del name
        return None
        return None

    def _file(self, uri: str) -> File:
        return web.fetch(uri, any_origin=self._allow_remote)


def open_source(argument: str | Path, *, allow_remote: bool = False) -> Source:
    """Return the source that an argument of the command line names.

    argument: a file, a contract folder, a URL, `-` for standard input, or `REVISION:PATH` of a git repository, as in
    `git show`. Raises CannotRun if it does not exist.
    """
    text = str(argument)
    if text == "-":
        return StandardInput((Path.cwd() / "-").as_uri(), allow_remote=allow_remote)
    if web.is_remote(text):
        return Web(text, allow_remote=allow_remote)
    path = Path(argument)
    try:
        is_there, is_folder = path.exists(), path.is_dir()
    except (OSError, ValueError):
        raise CannotRun(f"{text}: not a path") from None
    if not is_there and (found := _REVISION.fullmatch(text)):
        return Revision(found["revision"], found["path"], allow_remote=allow_remote)
    document = _document_in(path) if is_folder else path
    source = Source(document.absolute().as_uri(), given=str(document), allow_remote=allow_remote)
    source.is_folder = is_folder
    return source


def _document_in(folder: Path) -> Path:
    found = next((folder / name for name in NAMES if (folder / name).is_file()), None)
    if found is None:
        raise CannotRun(f"{folder}: the folder has no openapi.yaml")
    return found


def _path_in_revision(uri: str) -> str:
    return unquote(urlsplit(uri).path).lstrip("/")
