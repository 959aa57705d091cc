"""The processes of the service: started, awaited and stopped."""

import os
import select
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from statuspin.contract.pins import AS_IT_IS, Service
from statuspin.errors import CannotRun
from statuspin.verify.service import StartedService
from statuspin.verify.target import PreconditionUnavailable

SERVER = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == os.environ.get("READY", "/ready") else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_): pass
print("pid", os.getpid(), flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
START = ["{python}", "-c", SERVER, "{port}"]


def create_service(
    folder: Path, patience: float = 30, environment: dict[str, str] | None = None, **service: Any
) -> StartedService:
    described = Service.model_validate({"start": START, "ready": "/ready", **service})
    return StartedService(described, cwd=folder, environment=environment, patience=patience)


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def pids(service: StartedService) -> list[int]:
    return [int(line.split()[1]) for line in service.logs().splitlines() if line.startswith("pid ")]


async def test_the_service_is_started_once_and_stopped(tmp_path: Path):
    async with create_service(tmp_path) as service:
        url = await service.url(AS_IT_IS)
        assert await service.url(AS_IT_IS) == url
        async with httpx2.AsyncClient(trust_env=False) as client:
            assert (await client.get(url + "/ready")).status_code == 200
        (pid,) = pids(service)
        assert is_alive(pid)
    assert not is_alive(pid)


async def test_each_mode_has_its_own_process_and_environment(tmp_path: Path):
    modes = {"slow": {"ready": "/slow", "environment": {"READY": "/slow", "HOME_URL": "{url}"}}}
    async with create_service(tmp_path, modes=modes) as service:
        assert await service.url("slow") != await service.url(AS_IT_IS)
        assert len(set(both := pids(service))) == 2
        with pytest.raises(PreconditionUnavailable, match=r"pins\.yaml does not describe the mode “other”"):
            await service.url("other")
    assert not any(map(is_alive, both))


async def test_the_environment_of_the_caller_overrides_the_contract(tmp_path: Path):
    async with create_service(tmp_path, environment={"READY": "/mine"}, ready="/mine") as service:
        assert await service.url(AS_IT_IS)


@pytest.mark.parametrize(
    ("service", "said"),
    [
        (
            {"start": ["{python}", "-c", "print('first'); print('no key'); raise SystemExit(3)"]},
            "the service (as it is) ended with status 3: first / no key",
        ),
        ({"start": ["{python}", "-c", ""]}, "the service (as it is) ended with status 0: no output"),
        (
            {"start": ["/nowhere/at-all"]},
            "the service (as it is): cannot start /nowhere/at-all: No such file or directory",
        ),
    ],
    ids=["status", "no output", "no program"],
)
async def test_an_error_with_the_output_if_the_process_ends_early(tmp_path: Path, service, said):
    async with create_service(tmp_path, **service) as begun:
        with pytest.raises(CannotRun) as caught:
            await begun.url(AS_IT_IS)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("service", "said"),
    [
        (
            {
                "start": [
                    "{python}",
                    "-c",
                    "print('pid', __import__('os').getpid(), flush=True); input()\nwhile True: pass",
                ]
            },
            "ended",
        ),
        ({"start": ["sleep", "60"]}, "the service (as it is) does not listen at http://127.0.0.1:"),
        ({"ready": "/other"}, "the service (as it is) does not return 200 at http://127.0.0.1:"),
    ],
    ids=["no input", "silent", "never ready"],
)
async def test_an_error_if_the_process_does_not_become_ready(tmp_path: Path, service, said):
    async with create_service(tmp_path, patience=0.4 if said != "ended" else 30, **service) as begun:
        with pytest.raises(CannotRun, match="within 0 s" if said != "ended" else said) as caught:
            await begun.url(AS_IT_IS)
        left = pids(begun)
    assert said in str(caught.value)
    assert not any(map(is_alive, left))


async def test_child_processes_of_the_session_are_stopped(tmp_path: Path):
    child = "import os, subprocess, sys\nprint('pid', subprocess.Popen(['sleep', '60']).pid, flush=True)\n" + SERVER
    async with create_service(tmp_path, start=["{python}", "-c", child, "{port}"]) as service:
        await service.url(AS_IT_IS)
        orphan, own = pids(service)
        assert is_alive(orphan)
        handle = os.pidfd_open(orphan)
        assert is_alive(own)
    assert not is_alive(own)
    ended, _, _ = select.select([handle], [], [], 20)
    os.close(handle)
    assert ended


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["{python}", "-c", "raise SystemExit('no keys there')"], "the service's tokens command failed: no keys there"),
        (["{python}", "-c", "raise SystemExit(1)"], "the service's tokens command failed: no output"),
        (
            ["{python}", "-c", "print('a, b')"],
            "the service's tokens command must print a YAML object, actor to token",
        ),
        (["{python}", "-c", ""], "the service's tokens command must print a YAML object, actor to token"),
        (["{python}", "-c", "print('a: [')"], "the output of the service's tokens command: line 2: not YAML: "),
        (["/nowhere/at-all"], "the service's tokens command: cannot start /nowhere/at-all: No such file or directory"),
    ],
    ids=["says why", "no output", "text", "nothing", "no YAML", "no program"],
)
async def test_a_tokens_command_that_fails_is_one_line(tmp_path: Path, command, said):
    async with create_service(tmp_path, tokens=command) as service:
        with pytest.raises(CannotRun) as caught:
            await service.tokens()
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


async def test_a_tokens_command_gets_the_url_and_prints_tokens(tmp_path: Path):
    code = "import sys; print('owner: of', sys.argv[1])"
    async with create_service(tmp_path, tokens=["{python}", "-c", code, "{url}"]) as service:
        assert await service.tokens() == {"owner": f"of {await service.url(AS_IT_IS)}"}
    async with create_service(tmp_path) as service:
        assert await service.tokens() == {}
