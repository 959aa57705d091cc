"""`init` takes a document from anywhere, and overwrites nothing."""

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from statuspin.contract.folder import Contract
from tests.harness.cli.commands import ENVIRONMENT, assert_one_line_error, document, run_command

TEXT = f"{json.dumps(document())}  \n"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def petstore(tmp_path: Path) -> Path:
    path = tmp_path / "petstore.json"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def assert_created(folder: Path) -> None:
    assert (folder / "openapi.json").read_text(encoding="utf-8") == TEXT
    assert len(Contract.read(folder).matrix) == 1
    assert run_command("lint", "--contract", folder).returncode == 0


def test_a_file_of_any_name_is_copied_to_the_folder_contract(petstore: Path, tmp_path: Path) -> None:
    result = run_command("init", petstore, cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("Next: statuspin lint --contract contract\n")
    assert_created(tmp_path / "contract")


def test_a_url_and_standard_input_are_copied_to_the_named_folder(petstore: Path, tmp_path: Path, url: str) -> None:
    assert run_command("init", f"{url}/petstore.json", "--contract", tmp_path / "a" / "b").returncode == 0
    assert_created(tmp_path / "a" / "b")
    command = [sys.executable, "-m", "statuspin", "init", "-", "--contract", tmp_path / "c"]
    subprocess.run(command, input=TEXT, text=True, env=ENVIRONMENT, check=True, capture_output=True)
    assert_created(tmp_path / "c")


def test_a_folder_is_used_in_place_and_copied_if_another_one_is_named(petstore: Path, tmp_path: Path) -> None:
    (tmp_path / "in-place").mkdir()
    petstore.rename(tmp_path / "in-place" / "openapi.json")

    assert run_command("init", tmp_path / "in-place", "--contract", tmp_path / "copy").returncode == 0
    assert_created(tmp_path / "copy")
    assert run_command("init", tmp_path / "in-place" / "openapi.json").returncode == 0
    assert_created(tmp_path / "in-place")


def test_files_that_a_document_refers_to_become_part_of_the_copy(tmp_path: Path) -> None:
    api = {**document(), "paths": {"/a": {"$ref": "a.json"}}}
    (tmp_path / "api.json").write_text(json.dumps(api), encoding="utf-8")
    (tmp_path / "a.json").write_text(json.dumps(document()["paths"]["/a"]), encoding="utf-8")

    assert run_command("init", tmp_path / "api.json", "--contract", tmp_path / "contract").returncode == 0

    assert json.loads((tmp_path / "contract" / "openapi.json").read_text(encoding="utf-8")) == document()


@pytest.mark.parametrize("name", ["pins.yaml", "openapi.yaml", "openapi.json"])
def test_2_if_a_file_of_the_folder_exists(petstore: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "contract").mkdir()
    (tmp_path / "contract" / name).write_text("mine", encoding="utf-8")

    assert_one_line_error("init", petstore, "--contract", tmp_path / "contract", naming=f"{name} exists")

    assert [each.name for each in (tmp_path / "contract").iterdir()] == [name]


def test_2_if_there_is_no_document(tmp_path: Path) -> None:
    assert_one_line_error("init", tmp_path / "nothing.json", naming="nothing.json")
    assert_one_line_error("init", "http://127.0.0.1:1/openapi.json", naming="http://127.0.0.1:1/openapi.json")
