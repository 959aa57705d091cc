"""Bad input of every command is one line on standard error and exit status 2."""

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

from tests.harness.cli.running import CHECKOUT, ENVIRONMENT, ran, refused
from tests.harness.contract.samples import raw
from tests.harness.http.server import Said, serving
from tests.support.timeouts import TIMEOUT


@pytest.mark.parametrize(
    ("spec", "naming"),
    [
        ("swagger: '2.0'", "it is Swagger 2.0; convert it to OpenAPI 3 first"),
        ("<html>", "openapi.yaml: an object is expected at the top, not a text"),
        ("a: [", "line 2: not YAML"),
        ("a: &a [*a]", "aliases stand for more"),
    ],
    ids=["swagger", "HTML", "YAML", "aliases"],
)
def test_a_spec_that_is_none_is_named(folder: Path, spec, naming):
    (folder / "openapi.yaml").write_text(spec)
    refused("lint", "--contract", folder, naming=naming)


@pytest.mark.parametrize(
    ("pins", "naming"),
    [
        ({"pins": {"list_b": {}}}, "unknown operation 'list_b'; did you mean 'list_a'?"),
        ({"pins": {"list_a": {"rows": [{"actor": "me", "answer": 200}]}}}, "pins → list_a → row 1: unknown actor 'me'"),
        ({"pins": 1}, "pins.yaml: pins: "),
    ],
    ids=["operation", "actor", "kind"],
)
def test_pins_that_name_the_unknown_are_named(folder: Path, pins, naming):
    (folder / "pins.yaml").write_text(yaml.safe_dump(pins))
    refused("lint", "--contract", folder, naming=naming)


def test_a_folder_that_is_missing_is_named(tmp_path: Path):
    for command in (("lint",), ("verify",), ("replay",), ("freeze", "1.0.0")):
        refused(*command, "--contract", tmp_path / "none", naming="does not exist")


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
def test_an_option_or_command_that_is_unknown_is_named(arguments, naming):
    refused(*arguments, naming=naming)


def test_an_output_that_cannot_be_written_is_named(folder: Path, tmp_path: Path):
    (tmp_path / "file").write_text("")
    refused("lint", "--contract", folder, "--output", tmp_path / "file" / "out.txt", naming=str(tmp_path / "file"))
    refused("lint", "--contract", folder, "--output", tmp_path, naming="is a directory")


@pytest.mark.parametrize(
    "url", ["127.0.0.1", "ftp://x", "http://127.0.0.1:99999", "http://[::1", "http://x?y=1", "http://x#y"]
)
def test_a_url_that_is_none_is_named(folder: Path, url):
    refused("verify", "--contract", folder, "--url", url, naming=f"--url {url}: not a URL")


@pytest.mark.parametrize(
    ("options", "naming"),
    [
        (["--only", "list_b"], "--only list_b: no pin is called so; they are called such as “list_a · anonymous"),
        (["--no-pins", "--no-fuzz"], "nothing is left to run"),
        (["--no-pins", "--only", "list_a"], "nothing is left to run"),
    ],
    ids=["no such pin", "neither", "neither but a part"],
)
def test_a_run_of_nothing_is_no_success(folder: Path, options, naming):
    with serving(lambda _: Said(200, [])) as server:
        refused("verify", "--contract", folder, "--url", server.url, *options, naming=naming)
        assert server.asked == []


def test_a_spec_without_operations_is_named_and_nothing_is_written(tmp_path: Path):
    (tmp_path / "openapi.yaml").write_text(json.dumps(raw({})))
    refused("init", tmp_path / "openapi.yaml", naming="names no operation")
    assert not (tmp_path / "pins.yaml").exists()


def test_a_url_where_nobody_is_or_a_web_page_is_named(folder: Path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nowhere = f"http://127.0.0.1:{listener.getsockname()[1]}"
    refused("verify", "--contract", folder, "--url", nowhere, naming=f"{nowhere}: cannot connect (GET /a was asked)")
    with serving(lambda _: Said(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"})) as server:
        refused("verify", "--contract", folder, "--url", server.url, naming="is answered with a web page (text/html)")
    with serving(
        lambda _: Said(before=lambda handler: handler.connection.shutdown(socket.SHUT_RDWR) or True)
    ) as server:
        refused("verify", "--contract", folder, "--url", server.url, naming="the connection was closed")


def test_a_server_that_hangs_is_named(folder: Path):
    end = threading.Event()
    with serving(lambda _: Said(before=lambda _: end.wait(60))) as server:
        refused("verify", "--contract", folder, "--url", server.url, "--timeout", "0.3", naming="no answer in time")
        end.set()


@pytest.mark.parametrize(
    ("tokens", "naming"),
    [
        ("{}", "it names no actor; write one a line, `actor: token` (there are anonymous, owner)"),
        ("", "an object is expected at the top, not nothing"),
        ("ownr: abc", "unknown actor 'ownr'; pins.yaml has anonymous, owner"),
        ("owner: 7", "owner: a token or the body of a login is expected"),
        ("owner: [", "line 2: not YAML"),
        (None, "no such file or directory"),
    ],
    ids=["no actor", "empty", "unknown actor", "number", "YAML", "missing"],
)
def test_a_tokens_file_that_is_none_is_named(folder: Path, tmp_path: Path, tokens, naming):
    if tokens is not None:
        (tmp_path / "tokens.yaml").write_text(tokens)
    with serving(lambda _: Said(200, [])) as server:
        refused(
            "verify", "--contract", folder, "--url", server.url, "--tokens", tmp_path / "tokens.yaml", naming=naming
        )
        assert server.asked == []


def test_a_contract_without_a_subject_needs_a_url(folder: Path):
    refused("verify", "--contract", folder, naming="has no `service` to start; name a running server with --url")


@pytest.mark.parametrize("record", [None, "", "[1]", "{}", '{"format": 1, "cells": []}', "<html>", '{"format": 1,'])
def test_a_record_that_is_none_is_named(tmp_path: Path, record):
    file = tmp_path / "run.json"
    if record is not None:
        file.write_text(record)
    refused("report", "--run", file, "--output", tmp_path / "page.html", naming=str(file))
    assert not (tmp_path / "page.html").exists()


def test_freezing_a_wrong_version_or_twice_is_named(folder: Path):
    refused("freeze", "1.0", "--contract", folder, naming="version '1.0': three numbers are expected, like 1.2.0")
    refused("freeze", "2.0.0", "--contract", folder, naming="info.version says 1.0.0, not 2.0.0; make them agree first")
    assert ran("freeze", "1.0.0", "--contract", folder).returncode == 0
    refused("freeze", "1.0.0", "--contract", folder, naming="is there already, and what is frozen is not edited")


def test_replaying_what_is_not_frozen_is_named(folder: Path):
    refused("replay", "--contract", folder, naming="nothing is frozen beside")
    ran("freeze", "1.0.0", "--contract", folder)
    refused("replay", "9.9.9", "--contract", folder, naming="no contract 9.9.9 is frozen; there are 1.0.0")


@pytest.fixture
def _heeding_interrupts() -> Iterator[None]:
    """A shell lets what it starts in the background ignore SIGINT, and whatever that starts in turn."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_heeding_interrupts")
def test_an_interrupted_run_ends_in_one_line(folder: Path):
    reached, end = threading.Event(), threading.Event()

    def waits(handler: Any) -> bool:
        reached.set()
        return end.wait(60)

    with serving(lambda _: Said(before=waits)) as server:
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
            assert reached.wait(60)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=TIMEOUT)
        finally:
            process.kill()
            end.set()
    assert (process.returncode, out, err.strip()) == (2, "", "error: stopped")
