"""The steps of a test: a first verdict, the pins, and plain Schemathesis. Each starts the server with empty data."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.foreign.server import Server, StepFailed

__all__ = ["StepFailed", "first_verdict", "run_pins", "run_schemathesis"]
_MOST_SECONDS = 540
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
            server.home / "first.json", *given, *(part for each in server.headers for part in ("--header", each)),
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
        folder = _contract(server, url, "contract")
        for file in ("pins.yaml", "waivers.yaml"):
            if (server.folder / file).exists():
                shutil.copy(server.folder / file, folder / file)
        tokens = server.token_file(url)
        given = ["--tokens", tokens] if tokens else []
        status, text = _statuspin(
            server, "pins", "verify", "--contract", folder, "--url", url + server.base, "--allow-writes", "--no-fuzz",
            "--run", server.home / "pins.json", *given,
        )  # fmt: skip
    _say(server, f"pins: exit status {status}")
    sys.stdout.write(text)


def run_schemathesis(server: Server) -> None:
    """Run plain Schemathesis with its defaults, as its first page says."""
    with server.running() as url:
        folder = _contract(server, url, "fuzz")
        began = time.monotonic()
        report = server.home / "st.txt"
        with report.open("wb") as output:
            arguments = [
                _BIN / "st", "run", folder / _document(folder), "--url", url + server.base, "--seed", "1",
                "--max-time", "240", "--config-file", os.devnull,
            ]  # fmt: skip
            done = _run([*arguments[:8]], output)
    text = re.sub(r"\x1b\[[0-9;]*m", "", report.read_text(errors="replace"))
    summary = re.findall(
        r"^.*(?:failures?|unique|Server error|Undocumented|violat|accepted|rejected).*: *\d+.*$", text, re.MULTILINE
    )
    _say(server, f"st run: exit status {done}, {time.monotonic() - began:.0f} s; {report}")
    sys.stdout.write("".join(f"  {line.strip()}\n" for line in summary[-12:]))


def _contract(server: Server, url: str, name: str) -> Path:
    """Return a new folder with the server's document."""
    folder = server.home / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    document = server.document(url)
    (folder / ("openapi.json" if document.lstrip().startswith(b"{") else "openapi.yaml")).write_bytes(document)
    return folder


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


def _run(command: list[object], output: object) -> int:
    environment = {**os.environ, "COLUMNS": "160", "NO_COLOR": "1"}
    try:
        return subprocess.run(
            list(map(str, command)), stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            timeout=_MOST_SECONDS, env=environment,
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
