"""Where documents are read from: files and folders, git revisions, URLs, standard input."""

import os
import re
import sys
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from statuspin.errors import CannotRun
from statuspin.loading import git, web
from statuspin.loading.files import File, decoded, opened, read_text

NAMES = ("openapi.yaml", "openapi.yml", "openapi.json")
_REVISION = re.compile(r"(?P<revision>[^:]*):(?P<path>.*)", re.DOTALL)


class Source:
    """Files on this machine; the base of the other sources."""

    revision: str | None = None
    is_folder = False

    def __init__(self, root: str, *, given: str = "", allow_remote: bool) -> None:
        """root: the URI of the document. given: its path as it was given.

        allow_remote: whether references may lead to other servers.
        """
        self.root, self._given = root, given
        self._allow_remote = allow_remote

    def read(self, uri: str) -> tuple[str, str]:
        """The text at a URI, and what messages call it. Raises CannotRun."""
        return read_text(Path(unquote(urlsplit(uri).path)), self.name(uri)), self.name(uri)

    def has(self, uri: str) -> bool:
        """Whether there is a file at a URI."""
        return Path(unquote(urlsplit(uri).path)).is_file()

    def name(self, uri: str) -> str:
        """What messages call the file at a URI: its path, relative if that of the document was given so."""
        if uri == self.root:
            return self._given
        path, folder = unquote(urlsplit(uri).path), Path(unquote(urlsplit(self.root).path)).parent
        return os.path.normpath(Path(self._given).parent / os.path.relpath(path, folder))

    def document(self) -> File:
        """The document itself. Raises CannotRun."""
        return self._file(self.root)

    def load(self, uri: str) -> File:
        """A file that the document refers to. Raises CannotRun, without the name of the file, if it may not be read."""
        if web.is_remote(uri) and web.origin(uri) != web.origin(self.root):
            if not self._allow_remote:
                raise CannotRun("it is on another server; --allow-remote reads it")
            return web.fetch(uri, any_origin=True)
        if urlsplit(uri).scheme != urlsplit(self.root).scheme:
            raise CannotRun("neither a relative reference nor one over http")
        return self._file(uri)

    def beside(self, name: str) -> File | None:
        """The file of that name in the folder of the document; None if there is none."""
        uri = urljoin(self.root, quote(name))
        return self._file(uri) if self.has(uri) else None

    def _file(self, uri: str) -> File:
        text, name = self.read(uri)
        return opened(uri, name, text, self.revision)


class StandardInput(Source):
    """A document on standard input; what it refers to is read from the folder that the command runs in."""

    def read(self, uri: str) -> tuple[str, str]:
        """The text at a URI, and what messages call it. Raises CannotRun."""
        if uri != self.root:
            return super().read(uri)
        return decoded(sys.stdin.buffer.read(), "standard input"), "standard input"

    def beside(self, name: str) -> File | None:
        """No file belongs to a document on standard input."""
        del name
        return None


class Revision(Source):
    """A revision of the git repository that the command runs in. The path of a URI is the path in the revision."""

    def __init__(self, revision: str, path: str, *, allow_remote: bool) -> None:
        """revision: empty for the index. path: a file, or a folder with openapi.yaml; CannotRun if it is neither."""
        self.revision = revision
        inside = git.path_from_top(path)
        candidates = [inside, *(f"{inside}/{name}".lstrip("/") for name in NAMES)]
        found = next((each for each in candidates if git.has_file(revision, each)), None)
        if found is None:
            git.ensure_revision(revision, f"{revision}:{path}")
            raise CannotRun(f"{revision}:{path}: that revision has no such file, nor a folder with openapi.yaml")
        super().__init__(f"file:///{quote(found)}", allow_remote=allow_remote)
        self.is_folder = found != inside

    def read(self, uri: str) -> tuple[str, str]:
        """The text at a URI, and what messages call it. Raises CannotRun."""
        if not self.has(uri):
            raise CannotRun(f"{self.name(uri)}: that revision has no such file")
        return decoded(git.read(self.revision or "", _inside(uri)), self.name(uri)), self.name(uri)

    def has(self, uri: str) -> bool:
        """Whether the revision has a file at a URI."""
        return git.has_file(self.revision or "", _inside(uri))

    def name(self, uri: str) -> str:
        """What messages call the file at a URI: `HEAD~1:openapi.yaml`."""
        return f"{self.revision}:{_inside(uri)}"


class Web(Source):
    """A URL. Relative references lead to files of its server."""

    def document(self) -> File:
        """The document itself; redirects to other servers are followed. Raises CannotRun."""
        file = web.fetch(self.root, any_origin=True)
        self.root = file.uri
        return file

    def beside(self, name: str) -> File | None:
        """No file is looked for beside a URL."""
        del name
        return None
        return None

    def _file(self, uri: str) -> File:
        return web.fetch(uri, any_origin=self._allow_remote)


def open_source(argument: str | Path, *, allow_remote: bool = False) -> Source:
    """The source that an argument of the command line names.

    argument: a file, a contract folder, a URL, `-` for standard input, or `REVISION:PATH` of a git repository, as
    `git show` takes it. Raises CannotRun.
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
        raise CannotRun(f"{folder}: the folder holds no openapi.yaml")
    return found


def _inside(uri: str) -> str:
    return unquote(urlsplit(uri).path).lstrip("/")
