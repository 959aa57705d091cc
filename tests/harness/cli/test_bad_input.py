"""Bad input of any command is one line on standard error and exit status 2."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness.cli.commands import CHECKOUT, ENVIRONMENT, assert_one_line_error, run_command
from tests.harness.contract.samples import raw
from tests.harness.http.server import Response, serve
from tests.support.timeouts import TIMEOUT


@pytest.mark.parametrize(
    ("spec", "naming"),
    [
        ("swagger: '2.0'", "it is Swagger 2.0; convert it to OpenAPI 3 first"),
        ("<html>", "openapi.yaml: an object is expected at the top, not a string"),
        ("a: [", "line 2: not YAML"),
        ("a: &a [*a]", "aliases expand to more"),
    ],
    ids=["swagger", "HTML", "YAML", "aliases"],
)
def test_2_if_the_spec_is_invalid(folder: Path, spec, naming):
    (folder / "openapi.yaml").write_text(spec)
    assert_one_line_error("lint", "--contract", folder, naming=naming)


@pytest.mark.parametrize(
    ("pins", "naming"),
    [
        ({"pins": {"list_b": {}}}, "unknown operation 'list_b'; did you mean 'list_a'?"),
        ({"pins": {"list_a": {"rows": [{"actor": "me", "answer": 200}]}}}, "pins → list_a → row 1: unknown actor 'me'"),
        ({"pins": 1}, "pins.yaml: pins: "),
    ],
    ids=["operation", "actor", "kind"],
)
def test_2_if_pins_contain_an_unknown_name(folder: Path, pins, naming):
    (folder / "pins.yaml").write_text(yaml.safe_dump(pins))
    assert_one_line_error("lint", "--contract", folder, naming=naming)


def test_2_if_the_folder_is_missing(tmp_path: Path):
    for command in (("lint",), ("verify",), ("replay",), ("freeze", "1.0.0")):
        assert_one_line_error(*command, "--contract", tmp_path / "none", naming="does not exist")


@pytest.mark.parametrize(
    ("arguments", "naming"),
    [
        (["lint", "--surprise"], "No such option"),
        (["surprise"], "No such command"),
        (["verify", "--examples", "many"], "--examples"),
        (["verify", "--workers", "0"], "--workers"),
        (["lint", "--format", "xml"], "--format"),
        (["freeze"], "Missing argument"),
    ],
)
def test_2_if_an_option_or_command_is_unknown(arguments, naming):
    assert_one_line_error(*arguments, naming=naming)


def test_2_if_the_output_cannot_be_written(folder: Path, tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert_one_line_error(
        "lint", "--contract", folder, "--output", tmp_path / "file" / "out.txt", naming=str(tmp_path / "file")
    )
    assert_one_line_error("lint", "--contract", folder, "--output", tmp_path, naming="is a directory")


@pytest.mark.parametrize(
    "url", ["127.0.0.1", "ftp://x", "http://127.0.0.1:99999", "http://[::1", "http://x?y=1", "http://x#y"]
)
def test_2_if_the_url_is_invalid(folder: Path, url):
    assert_one_line_error("verify", "--contract", folder, "--url", url, naming=f"--url {url}: write a URL")


@pytest.mark.parametrize(
    ("options", "naming"),
    [
        (
            ["--only", "list_b"],
            "--only list_b: no pin has this text in its name; an example of a name is “list_a · anonymous",
        ),
        (["--no-pins", "--no-fuzz"], "nothing to run: "),
        (["--no-pins", "--only", "list_a"], "nothing to run: "),
    ],
    ids=["no such pin", "neither", "neither but a part"],
)
def test_2_if_nothing_is_selected(folder: Path, options, naming):
    with serve(lambda _: Response(200, [])) as server:
        assert_one_line_error("verify", "--contract", folder, "--url", server.url, *options, naming=naming)
        assert server.asked == []


def test_2_and_nothing_is_written_if_the_spec_has_no_operations(tmp_path: Path):
    (tmp_path / "openapi.yaml").write_text(json.dumps(raw({})))
    assert_one_line_error("init", tmp_path / "openapi.yaml", naming="the document has no operations")
    assert not (tmp_path / "pins.yaml").exists()


def test_2_if_the_url_has_no_server_or_a_web_page(folder: Path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        unreachable_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    assert_one_line_error(
        "verify",
        "--contract",
        folder,
        "--url",
        unreachable_url,
        naming=f"{unreachable_url}: cannot connect (request: GET /a)",
    )
    with serve(lambda _: Response(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"})) as server:
        assert_one_line_error(
            "verify", "--contract", folder, "--url", server.url, naming="returns a web page (text/html)"
        )
    with serve(
        lambda _: Response(before=lambda handler: handler.connection.shutdown(socket.SHUT_RDWR) or True)
    ) as server:
        assert_one_line_error("verify", "--contract", folder, "--url", server.url, naming="the connection was closed")


def test_2_if_the_server_does_not_answer(folder: Path):
    end = threading.Event()
    with serve(lambda _: Response(before=lambda _: end.wait(60))) as server:
        assert_one_line_error(
            "verify", "--contract", folder, "--url", server.url, "--timeout", "0.3", naming="no response in time"
        )
        end.set()


@pytest.mark.parametrize(
    ("tokens", "naming"),
    [
        ("{}", "no actors; write one line for each, `actor: token` (pins.yaml defines anonymous, owner)"),
        ("", "an object is expected at the top, not nothing"),
        ("ownr: abc", "unknown actor 'ownr'; pins.yaml defines anonymous, owner"),
        ("owner: 7", "owner: expected a token, the body of a login, or"),
        ("owner: [", "line 2: not YAML"),
        (None, "no such file or directory"),
    ],
    ids=["no actor", "empty", "unknown actor", "number", "YAML", "missing"],
)
def test_2_if_the_tokens_file_is_invalid(folder: Path, tmp_path: Path, tokens, naming):
    if tokens is not None:
        (tmp_path / "tokens.yaml").write_text(tokens)
    with serve(lambda _: Response(200, [])) as server:
        assert_one_line_error(
            "verify", "--contract", folder, "--url", server.url, "--tokens", tmp_path / "tokens.yaml", naming=naming
        )
        assert server.asked == []


def test_2_if_the_contract_has_no_service_and_no_url(folder: Path):
    assert_one_line_error(
        "verify", "--contract", folder, naming="has no `service` to start; name a running server with --url"
    )


@pytest.mark.parametrize("record", [None, "", "[1]", "{}", '{"format": 1, "cells": []}', "<html>", '{"format": 1,'])
def test_2_if_the_record_is_invalid(tmp_path: Path, record):
    file = tmp_path / "run.json"
    if record is not None:
        file.write_text(record)
    assert_one_line_error("report", "--run", file, "--output", tmp_path / "page.html", naming=str(file))
    assert not (tmp_path / "page.html").exists()


def test_2_if_the_frozen_version_is_wrong_or_exists(folder: Path):
    assert_one_line_error(
        "freeze", "1.0", "--contract", folder, naming="version '1.0': use three numbers, such as 1.2.0"
    )
    assert_one_line_error(
        "freeze", "2.0.0", "--contract", folder, naming="info.version says 1.0.0, not 2.0.0; make them agree first"
    )
    assert run_command("freeze", "1.0.0", "--contract", folder).returncode == 0
    assert_one_line_error("freeze", "1.0.0", "--contract", folder, naming="is already frozen and must not change")


def test_2_if_the_replayed_version_is_not_frozen(folder: Path):
    assert_one_line_error("replay", "--contract", folder, naming="no contract is frozen next to")
    run_command("freeze", "1.0.0", "--contract", folder)
    assert_one_line_error(
        "replay", "9.9.9", "--contract", folder, naming="contract 9.9.9 is not frozen; choose from 1.0.0"
    )


@pytest.fixture
def _restore_interrupts() -> Iterator[None]:
    """Handle SIGINT, which processes in the background of a shell ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_restore_interrupts")
def test_2_if_the_run_is_interrupted(folder: Path):
    is_reached, end = threading.Event(), threading.Event()

    def wait_for_end(handler: Any) -> bool:
        is_reached.set()
        return end.wait(60)

    with serve(lambda _: Response(before=wait_for_end)) as server:
        command = [sys.executable, "-m", "statuspin", "verify", "--contract", str(folder), "--url", server.url]
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert is_reached.wait(60)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=TIMEOUT)
        finally:
            process.kill()
            end.set()
    assert (process.returncode, out, err.strip()) == (2, "", "error: interrupted")
