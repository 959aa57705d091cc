"""The metrics of a real service: each response is counted once, for any worker."""

import asyncio
import importlib
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import httpx2
import pytest

from app.interviewer.protocol import Reply
from tests.support.actors import Actor
from tests.support.command_line import CHECKOUT, assert_one_line_error, environment, run_subprocess
from tests.support.service import Service
from tests.support.timeouts import TIMEOUT
from tests.telemetry.conftest import scrape

prometheus_client = pytest.importorskip(
    "prometheus_client", reason="needs the extra metrics: pip install -e '.[metrics]'"
)

API = "/api/v1"


def _settings(url: str, key_dir: Path, port: int, **more: str) -> dict[str, str]:
    return {"DATABASE_URL": url, "JWT_KEY_DIR": str(key_dir), "METRICS_PORT": str(port), "LOG_LEVEL": "warning", **more}


def _select_requests(samples: dict[tuple[str, ...], float]) -> dict[tuple[str, str], float]:
    return {(key[1], key[2]): value for key, value in samples.items() if key[0] == "interview_requests_total"}


@pytest.mark.parametrize("workers", [1, 2])
def test_every_response_is_counted_by_operation_and_status(
    accounts_url: str, key_dir: Path, tmp_path: Path, free_port: int, owner: Actor, workers: int
) -> None:
    settings = _settings(accounts_url, key_dir, free_port)
    expected = [
        ("POST", "/interviews/start", {}, 200), ("POST", "/interviews/start", {"language": "fr"}, 422),
        ("GET", "/interviews", None, 200), ("GET", "/interviews/0193b1f0-5a3e-7c1d-8e2f-0123456789ab", None, 404),
        ("GET", "/nowhere/0193b1f0", None, 404), ("PUT", "/interviews", None, 405),
    ]  # fmt: skip
    headers = {**owner.headers(), "Connection": "close"}  # either worker may get the next request
    with (
        Service(tmp_path, workers=workers, **settings) as service,
        httpx2.Client(base_url=service.url, timeout=TIMEOUT) as http,
    ):
        before = _select_requests(scrape(free_port)).get(("health", "200"), 0)
        for _ in range(10):
            for method, path, body, status in expected:
                assert http.request(method, API + path, json=body, headers=headers).status_code == status
        assert http.get(f"{API}/interviews").status_code == 401
        assert http.get("/docs").status_code == 200
        samples = scrape(free_port)

    counted = _select_requests(samples)
    counted.pop(("health", "200"))
    assert before >= 1
    assert counted == {
        ("start_interview", "200"): 10, ("start_interview", "422"): 10, ("list_interviews", "200"): 10,
        ("list_interviews", "401"): 1, ("get_interview", "404"): 10, ("unmatched", "404"): 10,
        ("unmatched", "405"): 10, ("page", "200"): 1,
    }  # fmt: skip
    assert samples["interview_request_duration_seconds_count", "start_interview"] == 20
    assert samples["interview_transactions_total", "writing", "committed"] == 10
    assert samples["interview_transactions_total", "reading", "committed"] == 20
    assert samples["interview_statements_total",] == 30
    assert samples["interview_overlapping_statements_total",] == 0
    assert samples["interview_interviewer_duration_seconds_count", "scripted", "answered"] == 10
    assert samples["interview_interviews_started_total", "scripted"] == 10
    assert samples["interview_pool_size",] == 10 * workers
    assert (samples["interview_pool_in_use",], samples["interview_pool_waiting",]) == (0, 0)
    assert not re.search("0193b1f0|nowhere", str(samples))


async def test_gauges_count_transactions_that_use_or_wait_for_a_connection(
    accounts_url: str, key_dir: Path, tmp_path: Path, free_port: int, owner: Actor
) -> None:
    settings = _settings(accounts_url, key_dir, free_port, POOL_MAX_SIZE="1", POOL_ACQUIRE_TIMEOUT="30")
    timeouts = {"LOCK_TIMEOUT": "30", "STATEMENT_TIMEOUT": "30"}
    locker = await asyncpg.connect(accounts_url)
    with Service(tmp_path, **settings, **timeouts) as service:
        async with httpx2.AsyncClient(base_url=service.url + API, headers=owner.headers(), timeout=TIMEOUT) as http:
            async with locker.transaction():
                await locker.execute("LOCK TABLE interview")
                lists = [asyncio.create_task(http.get("/interviews")) for _ in range(4)]
                async with asyncio.timeout(TIMEOUT):
                    # All four wait while the first connection opens.
                    while _count_transactions(free_port) != (1, 3):  # noqa: ASYNC110 - the service sets no event
                        await asyncio.sleep(0.05)
            assert {(await each).status_code for each in lists} == {200}
            afterwards = _count_transactions(free_port)
    await locker.close()

    assert afterwards == (0, 0)


def _count_transactions(port: int) -> tuple[float, float]:
    """Return the numbers of transactions that use a connection and that wait for one."""
    samples = scrape(port)
    return samples["interview_pool_in_use",], samples["interview_pool_waiting",]


def test_the_counters_of_a_dead_worker_stay_and_its_gauges_do_not(
    accounts_url: str, key_dir: Path, tmp_path: Path, free_port: int, owner: Actor
) -> None:
    headers = {**owner.headers(), "Connection": "close"}
    with Service(tmp_path, workers=2, **_settings(accounts_url, key_dir, free_port)) as service:
        with httpx2.Client(base_url=service.url, headers=headers, timeout=TIMEOUT) as http:
            for _ in range(20):
                http.get(f"{API}/interviews")
        children = subprocess.run(
            ["pgrep", "-P", str(service.process.pid if service.process else 0)], capture_output=True, text=True
        )
        for pid in children.stdout.split():
            if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(int(pid), signal.SIGKILL)
        while not service.is_available(f"{API}/health"):
            pass
        samples = scrape(free_port)

    assert f"Metrics at http://127.0.0.1:{free_port}/metrics" in service.log.read_text()
    assert _select_requests(samples)["list_interviews", "200"] == 20
    assert samples["interview_pool_size",] <= 20


def test_no_500_is_counted_if_a_client_disconnects_during_its_body(
    accounts_url: str, key_dir: Path, tmp_path: Path, free_port: int, owner: Actor
) -> None:
    head = (
        f"POST {API}/interviews/start HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: {owner.headers()['Authorization']}\r\nContent-Length: 20\r\n\r\n"
    )
    with Service(tmp_path, **_settings(accounts_url, key_dir, free_port)) as service:
        with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2]))) as connection:
            connection.sendall(head.encode() + b'{"la')
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1) == b""
        counted = _select_requests(scrape(free_port))

    assert {key: value for key, value in counted.items() if key[0] == "start_interview"} == {
        ("start_interview", "499"): 1
    }
    assert "error" not in service.log.read_text()


def test_retries_overlaps_and_the_course_of_interviews_are_counted() -> None:
    metrics = importlib.import_module("app.telemetry.metrics").Metrics(10)
    metrics.record_retry(writes=True)
    metrics.start_transaction(writes=True).record_end("lost", 2, 1)
    metrics.start_transaction(writes=False).record_end("committed", 1, 0)
    metrics.record_question("scripted", "failed", 0.5)
    metrics.record_reply("scripted", Reply("First?"), 0)
    metrics.record_reply("scripted", Reply("And then?"), 1)
    metrics.record_reply("scripted", Reply("Goodbye.", is_final=True, is_stopped=True), 2)
    metrics.record_reply("scripted", Reply("Goodbye.", is_final=True), 9)

    reported = prometheus_client.generate_latest(metrics.registry).decode().splitlines()
    assert 'interview_transaction_retries_total{kind="writing"} 1.0' in reported
    assert 'interview_transactions_total{kind="writing",outcome="lost"} 1.0' in reported
    assert 'interview_transactions_total{kind="reading",outcome="committed"} 1.0' in reported
    assert 'interview_interviews_started_total{interviewer="scripted"} 1.0' in reported
    assert 'interview_interviews_ended_total{interviewer="scripted",reason="stopped"} 1.0' in reported
    assert 'interview_interviews_ended_total{interviewer="scripted",reason="completed"} 1.0' in reported
    assert 'interview_questions_per_interview_sum{interviewer="scripted"} 11.0' in reported
    assert "interview_statements_total 3.0" in reported
    assert "interview_overlapping_statements_total 1.0" in reported
    assert 'interview_interviewer_duration_seconds_count{interviewer="scripted",outcome="failed"} 1.0' in reported


def test_2_if_the_metrics_port_is_in_use(accounts_url: str, key_dir: Path, free_port: int) -> None:
    with socket.create_server(("127.0.0.1", free_port)):
        result = run_subprocess("serve", "--port", "0", **_settings(accounts_url, key_dir, free_port))

    assert_one_line_error(result, naming=f"METRICS_PORT {free_port}")


def test_neither_package_is_imported_if_metrics_and_traces_are_off(tmp_path: Path) -> None:
    code = (
        "import sys; from app.application import create_app; create_app(); "
        "print([name for name in sys.modules if name.startswith(('prometheus_client', 'opentelemetry'))])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=CHECKOUT,
        env=environment(DATABASE_URL="postgresql://127.0.0.1:1/nowhere", STATE_DIR=str(tmp_path)),
        capture_output=True,
        text=True,
    )

    assert (result.returncode, result.stdout, result.stderr) == (0, "[]\n", "")
