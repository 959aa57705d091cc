"""Start the processes of the contract's service, wait until they are ready, and stop them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx2

from statuspin.contract.pins import AS_IT_IS, Mode, Service
from statuspin.errors import CannotRun
from statuspin.loading.files import parse
from statuspin.verify.target import PreconditionUnavailable

_GRACE = 20.0
_LOG_LINES = 5


class Process:
    """A process in its own session, with its output in a file."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, cwd: Path) -> None:
        """name: its name in messages. log: the file for its output. Raises CannotRun if it cannot be started."""
        self.name, self._log = name, log
        try:
            with log.open("wb") as output:
                self._popen = subprocess.Popen(  # noqa: S603 - the contract's own command
                    command,
                    cwd=cwd,
                    env={**os.environ, **environment},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            raise CannotRun(f"{name}: cannot start {command[0]}: {error.strerror}") from None

    def ensure_runs(self) -> None:
        """Raise CannotRun with the last lines of its output if the process has ended."""
        if self._popen.poll() is not None:
            said = [line for line in self.output().splitlines() if line.strip()][-_LOG_LINES:]
            raise CannotRun(
                f"{self.name} ended with status {self._popen.returncode}: {' / '.join(said) or 'no output'}"
            )

    def output(self) -> str:
        """Return its output so far."""
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        """Stop the process with SIGTERM, or after 20 seconds with SIGKILL. Kill the rest of its session."""
        if self._popen.poll() is None:
            self._popen.terminate()
            try:
                self._popen.wait(_GRACE)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)


class StartedService:
    """The service of a contract, as an async context manager. Each mode starts on its first use; the exit stops all."""

    def __init__(
        self, service: Service, *, cwd: Path, environment: Mapping[str, str] | None = None, patience: float = 60.0
    ) -> None:
        """cwd: working directory of commands. environment: overrides that of pins.yaml. patience: seconds to start."""
        self._service, self._cwd, self._extra, self._patience = service, cwd, dict(environment or {}), patience
        self._folder = tempfile.TemporaryDirectory(prefix="contract-service-", ignore_cleanup_errors=True)
        self._urls: dict[str, asyncio.Task[str]] = {}
        self._processes: list[Process] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._urls.values():
            task.cancel()
        await asyncio.gather(*self._urls.values(), return_exceptions=True)
        for process in reversed(self._processes):
            await asyncio.to_thread(process.stop)
        self._folder.cleanup()

    async def url(self, mode: str) -> str:
        """Return the URL of the service in a mode, and start it on its first use.

        Raises PreconditionUnavailable if pins.yaml does not describe the mode, and CannotRun if it does not start.
        """
        if mode != AS_IT_IS and mode not in self._service.modes:
            raise PreconditionUnavailable("pins.yaml does not describe the mode", mode)
        if mode not in self._urls:
            self._urls[mode] = asyncio.create_task(self._start(mode))
        return await asyncio.shield(self._urls[mode])

    async def tokens(self) -> dict[str, object]:
        """Run the tokens command and return its output, actor to token. Raises CannotRun if it fails."""
        if not self._service.tokens:
            return {}
        names = {**self._placeholders(0), "url": await self.url(AS_IT_IS)}
        command = [_fill_placeholders(part, names) for part in self._service.tokens]
        try:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=self._cwd, env={**os.environ, **self._environment(names, {})},
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        except OSError as error:
            raise CannotRun(f"the service's tokens command: cannot start {command[0]}: {error.strerror}") from None
        out, err = await process.communicate()
        if process.returncode:
            said = [line for line in err.decode(errors="replace").splitlines() if line.strip()][-_LOG_LINES:]
            raise CannotRun(f"the service's tokens command failed: {' / '.join(said) or 'no output'}")
        tokens = parse(out.decode(errors="replace"), "the output of the service's tokens command")
        if not isinstance(tokens, dict):
            raise CannotRun("the service's tokens command must print a YAML object, actor to token")
        return tokens

    def logs(self) -> str:
        """Return the output of all processes so far."""
        return "\n".join(process.output() for process in self._processes)

    async def _start(self, mode: str) -> str:
        description = self._service.modes.get(mode, Mode())
        names = self._placeholders(_free_port())
        if mode != AS_IT_IS:
            names["url"] = await self.url(AS_IT_IS)
        environment = self._environment(names, description.environment)
        command = [_fill_placeholders(part, names) for part in description.start or self._service.start]
        process = self._run(f"the service ({mode})", command, environment)
        url = f"http://127.0.0.1:{names['port']}"
        await _wait_until_ready(process, url + (description.ready or self._service.ready), self._patience)
        return url

    def _run(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Process:
        log = Path(self._folder.name) / f"process-{len(self._processes)}.log"
        process = Process(name, command, environment, log, self._cwd)
        self._processes.append(process)
        return process

    def _placeholders(self, port: int) -> dict[str, str]:
        folder = Path(self._folder.name) / "service"
        folder.mkdir(exist_ok=True)
        return {"python": sys.executable, "folder": str(folder), "port": str(port)}

    def _environment(self, names: Mapping[str, str], mode: Mapping[str, str]) -> dict[str, str]:
        described = {**self._service.environment, **self._extra, **mode}
        return {name: _fill_placeholders(value, names) for name, value in described.items()}


async def _wait_until_ready(process: Process, url: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not _is_listening(url):
        await _pause(process, deadline, f"does not listen at {url} within {patience:.0f} s")
    async with httpx2.AsyncClient(trust_env=False, timeout=5, verify=False) as client:
        while not await _is_ready(client, url):
            await _pause(process, deadline, f"does not return 200 at {url} within {patience:.0f} s")


def _is_listening(url: str) -> bool:
    """Return whether the port accepts connections, which is much cheaper to poll than an HTTP request."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port or 80)) == 0


async def _is_ready(client: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 200
    except httpx2.HTTPError:
        return False


async def _pause(process: Process, deadline: float, complaint: str) -> None:
    process.ensure_runs()
    if time.monotonic() > deadline:
        raise CannotRun(f"{process.name} {complaint}")
    await asyncio.sleep(0.03)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _fill_placeholders(text: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text
