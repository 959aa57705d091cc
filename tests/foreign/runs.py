"""The steps of a test: a first verdict, the pins, and plain Schemathesis. Each starts the server with empty data."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from tests.foreign.server import Server, StepFailed

__all__ = ["StepFailed", "first_verdict", "run_pins", "run_schemathesis"]
_MOST_SECONDS = 540
_FUZZ_SECONDS = 180
_BIN = Path(sys.executable).parent


def first_verdict(server: Server) -> None:
    """Scaffold, lint and verify with reading requests, as a user does who has only the OpenAPI document."""
    with server.running() as url:
        folder = _contract(server, url, "first")
        began = time.monotonic()
        _statuspin(server, "init", "init", folder / _document(folder))
        lint, _ = _statuspin(server, "lint", "lint", "--contract", folder)
        tokens = server.token_file(url)
        given = ["--tokens", tokens] if tokens and "caller" in (folder / "pins.yaml").read_text() else []
        status, text = _statuspin(
            server, "first", "verify", "--contract", folder, "--url", url + server.base, "--run",
            server.home / "first.json", *given,
        )  # fmt: skip
        seconds = time.monotonic() - began
    counts = _rules(server.home / "first.json")
    _say(server, f"first verdict after {seconds:.0f} s (lint {lint}, verify {status}): {counts}")
    _say(server, text.strip().splitlines()[-2] if text.strip() else "no output")


def run_pins(server: Server) -> None:
    """Run the pins of the server's folder, and name those that it breaks."""
    if not (server.folder / "pins.yaml").exists():
        return
    with server.running() as url:
        folder = _contract(server, url, "contract", with_answers=True)
        for file in ("pins.yaml", "waivers.yaml"):
            if (server.folder / file).exists():
                shutil.copy(server.folder / file, folder / file)
        tokens = server.token_file(url)
        given = ["--tokens", tokens] if tokens else []
        status, text = _statuspin(
            server, "pins", "verify", "--contract", folder, "--url", url + server.base, "--allow-writes", "--no-fuzz",
            "--workers", "1", "--run", server.home / "pins.json", *given,
        )  # fmt: skip
    _say(server, f"pins: exit status {status}")
    sys.stdout.write(text)


def run_schemathesis(server: Server) -> None:
    """Run plain Schemathesis with its defaults and the credentials of the caller, and count what it finds."""
    with server.running() as url:
        folder = _contract(server, url, "fuzz")
        began = time.monotonic()
        report = server.home / "st.json"
        header = server.header(url, json.loads(_as_json(folder)))
        with (server.home / "st.txt").open("wb") as output:
            status = _run(
                [
                    _BIN / "st", "run", folder / _document(folder), "--url", url + server.base, "--seed", "1",
                    "--max-time", str(_FUZZ_SECONDS), "--report", "json", "--report-json-path", report,
                    *(("--header", header) if header else ()),
                ],
                output, cwd=server.home,
            )  # fmt: skip
    _say(server, f"st run: exit status {status} after {time.monotonic() - began:.0f} s; {server.home / 'st.txt'}")


def _contract(server: Server, url: str, name: str, *, with_answers: bool = False) -> Path:
    """Return a new folder with the server's document, with the answers that it lacks if `with_answers`."""
    folder = server.home / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    document = server.document(url)
    if with_answers and server.answers:
        document = json.dumps(_add_answers(yaml.safe_load(document), server.answers), default=str).encode()
    (folder / ("openapi.json" if document.lstrip().startswith(b"{") else "openapi.yaml")).write_bytes(document)
    return folder


def _add_answers(document: Any, answers: dict[str, list[int]]) -> Any:
    """Return the document with the statuses that the handlers of some operations raise and that it does not name."""
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                for status in answers.get(str(operation.get("operationId")), []):
                    operation["responses"].setdefault(str(status), {"description": "Not in the server's own document"})
    return document


def _document(folder: Path) -> str:
    return next(path.name for path in folder.glob("openapi.*"))


def _statuspin(server: Server, step: str, *arguments: object) -> tuple[int, str]:
    """Run a command of statuspin, keep its output, and return exit status and output. Raise StepFailed on status 2."""
    file = server.home / f"{step}.txt"
    with file.open("wb") as output:
        status = _run([sys.executable, "-m", "statuspin", *arguments], output)
    text = file.read_text(errors="replace")
    if status not in (0, 1) or "Traceback (most recent call last)" in text:
        raise StepFailed(f"statuspin {step} ended with {status}: {text[-500:]}")
    return status, text


def _as_json(folder: Path) -> str:
    return json.dumps(yaml.safe_load((folder / _document(folder)).read_text(encoding="utf-8")), default=str)


def _run(command: list[object], output: object, cwd: Path | None = None) -> int:
    environment = {**os.environ, "COLUMNS": "160", "NO_COLOR": "1"}
    try:
        return subprocess.run(
            list(map(str, command)), stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            timeout=_MOST_SECONDS, env=environment, cwd=cwd,
        ).returncode  # type: ignore[call-overload]  # fmt: skip
    except subprocess.TimeoutExpired:
        raise StepFailed(f"{command[1:3]} did not end within {_MOST_SECONDS} s") from None


def _rules(record: Path) -> str:
    rules: dict[str, int] = {}
    for finding in json.loads(record.read_text(encoding="utf-8"))["findings"]:
        key = f"{finding['severity']} {finding['rule']}"
        rules[key] = rules.get(key, 0) + 1
    return ", ".join(f"{count} × {key}" for key, count in rules.items()) or "no findings"


def _say(server: Server, text: str) -> None:
    sys.stdout.write(f"{server.name}: {text}\n")
    sys.stdout.flush()
