"""A server as its folder describes it: what to install, how to start it, where its OpenAPI document is."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
HOME = Path(os.environ.get("FOREIGN_HOME", FOLDER.parents[1] / ".foreign"))
_PATIENCE = 120.0
_GRACE = 10.0


class StepFailed(Exception):
    """An installation, a start or a download did not work."""


@dataclass(frozen=True)
class Server:
    """One server. Texts may have `{home}`, `{folder}`, `{port}`, `{url}`, `{python}`, `{checkout}` and
    `{data}`, an empty folder for each start.

    pip, npm: the packages to install. git: `url` and `commit` of sources for `{home}/source`. prepare: commands before
    each start. start: the command of the server.
    ready: the path that answers below 500 if the server is up. openapi: a path of the server, or a file. base: the path
    that the document's paths begin with, if its `servers` do not say so. tokens: a command that prints a tokens file.
    login: the path that takes the caller's login as a form. answers: statuses that pins expect and that the document
    lacks, by operation.
    """

    name: str
    title: str
    start: list[str]
    openapi: str
    pip: list[str] = field(default_factory=list)
    npm: list[str] = field(default_factory=list)
    git: dict[str, str] = field(default_factory=dict)
    prepare: list[list[str]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    ready: str = "/"
    base: str = ""
    tokens: list[str] = field(default_factory=list)
    login: str = ""
    answers: dict[str, list[int]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder of the server's files in this checkout."""
        return FOLDER / self.name

    @property
    def home(self) -> Path:
        """The folder that it is installed in."""
        return HOME / self.name

    def install(self) -> None:
        """Install its packages in a virtual environment or an npm prefix of its own."""
        self.home.mkdir(parents=True, exist_ok=True)
        if self.git and not (self.home / "source").exists():
            _call(["git", "clone", "--quiet", "--no-checkout", self.git["url"], self.home / "source"])
            _call(["git", "-C", self.home / "source", "checkout", "--quiet", self.git["commit"]])
        if self.pip:
            uv = shutil.which("uv")
            python = self.home / "bin" / "python"
            if not python.exists():
                _call(
                    [uv, "venv", "-q", "--allow-existing", self.home]
                    if uv
                    else [sys.executable, "-m", "venv", self.home]
                )
            install = [uv, "pip", "install", "-q", "-p", python] if uv else [python, "-m", "pip", "install", "-q"]
            _call([*install, *(_fill(each, self._names(0, self.home)) for each in self.pip)])
        if self.npm:
            _call(["npm", "install", "--prefix", self.home, "--no-audit", "--no-fund", "--loglevel=error", *self.npm])

    @contextmanager
    def running(self) -> Iterator[str]:
        """Start the server with empty data, yield its URL, and stop it by its process id."""
        data = self.home / "data"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        names = self._names(_free_port(), data)
        environment = {**os.environ, **{name: _fill(value, names) for name, value in self.environment.items()}}
        environment["PATH"] = f"{self.home / 'bin'}{os.pathsep}{os.environ['PATH']}"
        for command in self.prepare:
            _call([_fill(part, names) for part in command], cwd=data, env=environment)
        with (self.home / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [_fill(part, names) for part in self.start],
                cwd=data, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
            try:
                self._wait(process, names["url"] + self.ready)
                yield names["url"]
            finally:
                _stop(process)

    def document(self, url: str) -> bytes:
        """Return the OpenAPI document: of the running server, or the file that its package has."""
        if self.openapi.startswith("/"):
            with urllib.request.urlopen(url + self.openapi, timeout=60) as answer:
                return bytes(answer.read())
        found = sorted(self.home.glob(self.openapi)) or sorted(self.folder.glob(self.openapi))
        if not found:
            raise StepFailed(f"there is no {self.openapi} in {self.home} and {self.folder}")
        return found[0].read_bytes()

    def token_file(self, url: str) -> Path | None:
        """Write what the command `tokens` prints to a file, and return it."""
        if not self.tokens:
            return None
        names = {**self._names(0, self.home / "data"), "url": url}
        command = [_fill(part, names) for part in self.tokens]
        environment = {**os.environ, **{name: _fill(value, names) for name, value in self.environment.items()}}
        printed = subprocess.run(
            command, capture_output=True, text=True, timeout=60, cwd=self.home / "data", env=environment
        )
        if printed.returncode:
            raise StepFailed(f"the tokens command failed: {printed.stderr[-300:]}")
        file = self.home / "tokens.yaml"
        file.write_text(printed.stdout, encoding="utf-8")
        return file

    def header(self, url: str, document: dict[str, Any]) -> str:
        """Return the header that has the caller's credentials, for tools that do not log in; empty without tokens."""
        file = self.token_file(url)
        caller = yaml.safe_load(file.read_text(encoding="utf-8"))["caller"] if file else {}
        if isinstance(caller, str):
            return f"Authorization: Bearer {caller}"
        if "login" in caller:
            form = urllib.parse.urlencode(caller["login"]).encode()
            with urllib.request.urlopen(url + self.login, form, timeout=60) as answer:
                return f"Authorization: Bearer {json.load(answer)['access_token']}"
        if "api_key" in caller:
            schemes = document["components"]["securitySchemes"].values()
            name = next(each["name"] for each in schemes if each.get("type") == "apiKey")
            return f"{name}: {caller['api_key']}"
        if "token" in caller:
            return f"Authorization: {caller.get('prefix', 'Bearer')} {caller['token']}"
        return f"Authorization: {caller['authorization']}" if caller else ""

    def _names(self, port: int, data: Path) -> dict[str, str]:
        return {
            "home": str(self.home), "folder": str(self.folder), "data": str(data), "port": str(port),
            "url": f"http://127.0.0.1:{port}", "python": sys.executable, "checkout": str(FOLDER.parents[1]),
        }  # fmt: skip

    def _wait(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise StepFailed(f"it did not start; see {self.home / 'server.log'}")
            time.sleep(0.1)


def servers() -> dict[str, Server]:
    """Return the servers of all folders, by name."""
    return {
        file.parent.name: Server(name=file.parent.name, **yaml.safe_load(file.read_text(encoding="utf-8")))
        for file in sorted(FOLDER.glob("*/server.yaml"))
    }


def _call(command: list[object], **options: object) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=580, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise StepFailed(f"{command[0]} ended with {done.returncode}: {(done.stderr or done.stdout)[-800:]}")


def _fill(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop the server and the processes of its session."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            continue
