"""Documents from files, folders, git revisions, URLs and standard input."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from statuspin.cli.init import init
from statuspin.cli.lint import lint
from statuspin.contract.document import Document
from statuspin.errors import CannotRun
from statuspin.loading.sources import open_source

PET = "components:\n  schemas:\n    Pet: {$ref: schemas/pet.yaml}\n"
HEAD = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n"
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed: apt-get install git")


def kind(document: Document) -> str:
    """Return the type of the schema Pet."""
    return document.raw["components"]["schemas"]["Pet"]["type"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create the working folder, with a document in two files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api" / "schemas").mkdir(parents=True)
    (tmp_path / "api" / "openapi.yaml").write_text(HEAD + PET)
    (tmp_path / "api" / "schemas" / "pet.yaml").write_text("type: string\n")
    return tmp_path


@pytest.fixture
def repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a repository in which Pet is a string in HEAD, a number in the index and an integer in the folder."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    pet = folder / "api" / "schemas" / "pet.yaml"
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "First"]):
        identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *command], cwd=folder, check=True)
    pet.write_text("type: number\n")
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    pet.write_text("type: integer\n")
    return folder


def test_a_file_a_folder_and_an_absolute_path_are_read(folder: Path):
    for place in ("api/openapi.yaml", "api", "./api/", folder / "api"):
        document = Document.read(place)
        assert kind(document) == "string"
        assert document.name == str(Path(place) if Path(place).suffix else Path(place) / "openapi.yaml")
        assert document.location(("components", "schemas", "Pet", "type")).file == str(
            Path(document.name).parent / "schemas" / "pet.yaml"
        )


@needs_git
@pytest.mark.parametrize(
    ("place", "name", "expected"),
    [
        ("HEAD:api/openapi.yaml", "HEAD:api/openapi.yaml", "string"),
        ("HEAD:api", "HEAD:api/openapi.yaml", "string"),
        ("HEAD:./api/openapi.yaml", "HEAD:api/openapi.yaml", "string"),
        (":api/openapi.yaml", ":api/openapi.yaml", "number"),
        ("api/openapi.yaml", "api/openapi.yaml", "integer"),
    ],
)
def test_a_git_revision_is_read_with_its_files(repository, place, name, expected):
    document = Document.read(place)
    assert (kind(document), document.name) == (expected, name)


@needs_git
def test_a_git_revision_is_read_from_a_subfolder(repository, monkeypatch):
    monkeypatch.chdir(repository / "api")
    assert kind(Document.read("HEAD:./openapi.yaml")) == kind(Document.read("HEAD:api/openapi.yaml")) == "string"
    location = Document.read("HEAD:./openapi.yaml").location(("components", "schemas", "Pet", "type"))
    assert str(location) == "HEAD:api/schemas/pet.yaml:1:1"


@needs_git
@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("none:api/openapi.yaml", "none:api/openapi.yaml: no such file, and no git revision 'none'"),
        ("--all:api/openapi.yaml", "--all:api/openapi.yaml: no such file, and no git revision '--all'"),
        ("HEAD:none.yaml", "HEAD:none.yaml: the revision has neither this file nor a folder with openapi.yaml"),
        ("HEAD:", "HEAD:: the revision has neither this file nor a folder with openapi.yaml"),
    ],
)
def test_an_error_if_a_revision_cannot_be_read(repository, place, message):
    with pytest.raises(CannotRun) as raised:
        Document.read(place)
    assert message in str(raised.value)


@needs_git
def test_an_error_with_the_revision_if_it_lacks_a_referenced_file(repository):
    (repository / "api" / "openapi.yaml").write_text(HEAD + PET.replace("pet.yaml", "new.yaml"))
    (repository / "api" / "schemas" / "new.yaml").write_text("type: string\n")
    subprocess.run(["git", "add", "api/openapi.yaml"], cwd=repository, check=True)
    with pytest.raises(CannotRun) as raised:
        Document.read(":api/openapi.yaml")
    assert str(raised.value) == (
        ":api/openapi.yaml: line 6: components → schemas → Pet → $ref: schemas/new.yaml cannot be resolved: "
        ":api/schemas/new.yaml: the revision has no such file"
    )


def test_an_error_if_a_revision_is_outside_a_repository(folder, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    with pytest.raises(CannotRun, match=r"HEAD:a\.yaml: no such file"):
        Document.read("HEAD:a.yaml")


def test_standard_input_refers_to_files_of_the_working_folder(folder, monkeypatch):
    text = HEAD + PET.replace("schemas/pet.yaml", "api/schemas/pet.yaml")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    document = Document.read("-")
    assert (kind(document), document.name) == ("string", "standard input")
    assert document.location(("components",)).line == 4


Answer = tuple[int, dict[str, str], str]


@contextmanager
def serve(answers: dict[str, Answer], requests: list[str] | None = None) -> Iterator[str]:
    """Start a server with a response for each path. Return its URL."""

    class DocumentHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if requests is not None:
                requests.append(self.path)
            status, headers, body = answers.get(self.path.partition("?")[0], (404, {}, ""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *arguments: Any) -> None:
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), DocumentHandler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_url_is_read_with_files_of_its_server():
    answers = {"/v1/openapi.yaml": (200, {}, HEAD + PET), "/v1/schemas/pet.yaml": (200, {}, "type: string\n")}
    with serve(answers) as address:
        document = Document.read(f"{address}/v1/openapi.yaml?token=secret")
        assert kind(document) == "string"
        assert document.name == f"{address}/v1/openapi.yaml"


def test_references_are_relative_to_the_target_of_a_redirect():
    answers = {
        "/latest": (302, {"location": "/v1/openapi.yaml"}, ""),
        "/v1/openapi.yaml": (200, {}, HEAD + PET),
        "/v1/schemas/pet.yaml": (200, {}, "type: string\n"),
    }
    with serve(answers) as address:
        assert kind(Document.read(f"{address}/latest")) == "string"


@pytest.mark.parametrize("way", ["a file", "a URL", "a redirect"])
def test_other_servers_are_requested_only_if_allowed(folder, way):
    requests: list[str] = []
    with serve({"/pet.yaml": (200, {}, "type: string\n")}, requests) as other:
        redirect = {"/pet.yaml": (302, {"location": f"{other}/pet.yaml"}, "")}
        document = HEAD + PET.replace("schemas/pet.yaml", "pet.yaml" if way == "a redirect" else f"{other}/pet.yaml")
        with serve({"/openapi.yaml": (200, {}, document)} | redirect) as address:
            (folder / "remote.yaml").write_text(document)
            place = "remote.yaml" if way == "a file" else f"{address}/openapi.yaml"
            with pytest.raises(CannotRun, match=r"another server; pass --allow-remote"):
                Document.read(place)
            assert requests == []
            assert kind(Document.read(place, allow_remote=True)) == "string"
            assert requests == ["/pet.yaml"]


def test_an_error_if_a_url_refers_to_local_files(folder):
    document = HEAD + PET.replace("schemas/pet.yaml", (folder / "api/schemas/pet.yaml").as_uri())
    refused = pytest.raises(CannotRun, match="it is neither relative nor an http URL")
    with serve({"/openapi.yaml": (200, {}, document)}) as address, refused:
        Document.read(f"{address}/openapi.yaml", allow_remote=True)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((404, {}, ""), "/openapi.yaml: the server returned 404"),
        ((200, {}, "a: ["), "/openapi.yaml: line 2: not YAML"),
        ((302, {"location": "/openapi.yaml"}, ""), "more than 10 redirects"),
        ((302, {"location": "http://["}, ""), "openapi.yaml: "),
    ],
)
def test_an_unreadable_url_is_one_line(answer, message):
    with serve({"/openapi.yaml": answer}) as address, pytest.raises(CannotRun) as raised:
        Document.read(f"{address}/openapi.yaml")
    assert message in str(raised.value)


@pytest.mark.parametrize("url", ["http://[", "http://", "https://user:secret@[x", "http://a\x00b/"])
def test_an_invalid_url_is_one_line_without_secrets(url):
    with pytest.raises(CannotRun) as raised:
        Document.read(url)
    assert "secret" not in str(raised.value)


def test_an_unreachable_server_is_one_line():
    with serve({}) as address:
        pass
    with pytest.raises(CannotRun, match=r"^http://127\.0\.0\.1:\d+/a: "):
        Document.read(f"{address}/a")


def test_a_file_next_to_the_document_is_found(folder):
    (folder / "api" / "pins.yaml").write_text(yaml.safe_dump({"pins": {}}))
    source = open_source("api")
    file = source.find_sibling("pins.yaml")
    assert file is not None
    assert (file.name, file.data, source.is_folder) == ("api/pins.yaml", {"pins": {}}, True)
    assert source.find_sibling("none.yaml") is None
    assert not open_source("api/openapi.yaml").is_folder


def test_lint_and_init_read_other_servers_only_if_allowed(folder):
    with serve({"/pet.yaml": (200, {}, "type: string\n")}) as other:
        document = HEAD.replace(
            "paths: {}", "paths: {/a: {get: {operationId: a, responses: {'200': {description: ''}}}}}"
        )
        (folder / "api" / "openapi.yaml").write_text(document + PET.replace("schemas/pet.yaml", f"{other}/pet.yaml"))
        with pytest.raises(CannotRun, match="another server"):
            init.main(["api"], standalone_mode=False)
        assert init.main(["api", "--allow-remote"], standalone_mode=False) == 0
        with pytest.raises(CannotRun, match="another server"):
            lint.main(["--contract", "api"], standalone_mode=False)
        assert lint.main(["--contract", "api", "--allow-remote"], standalone_mode=False) == 0
