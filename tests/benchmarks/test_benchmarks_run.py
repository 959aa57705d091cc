"""The benchmarks run and write their results. The tests assert no times."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import CHECKOUT, assert_one_line_error

_SERVERS = ["ours", "limit", "fastapi", "litestar"]

needs_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is missing: apt-get install wrk")
needs_packages = pytest.mark.skipif(
    not all(map(find_spec, ("fastapi", "sqlalchemy", "litestar", "orjson", "matplotlib"))),
    reason="pip install fastapi 'sqlalchemy[asyncio]' litestar orjson matplotlib",
)


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def _read_results(folder: Path, name: str) -> Any:
    assert (folder / f"{name}.svg").read_text(encoding="utf-8").rstrip().endswith("</svg>")
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


@needs_wrk
@needs_packages
def test_side_by_side_measures_every_server_and_reports_each_target(tmp_path):
    result = _run("side-by-side", "--brief", "--output", str(tmp_path))
    assert (result.returncode, result.stderr) == (0, ""), result
    everything = "get, list, start, continue, patch, export, 404, 422, 401"
    assert f"All servers give equal responses: {everything}" in result.stdout
    found = _read_results(tmp_path, "side-by-side")
    assert [operation["name"] for operation in found["operations"]] == ["get", "start"]
    for operation in found["operations"]:
        assert list(operation["servers"]) == _SERVERS
        assert list(operation["ratios"]) == _SERVERS[1:]
        for figures in operation["servers"].values():
            assert figures["wrong"] == 0
            assert figures["requests_per_second"] > 0
            assert figures["p50_ms"] <= figures["p99_ms"]
            assert len(figures["rounds"]) == found["rounds"] == 1
    targets = [(target["operation"], target["server"]) for target in found["targets"]]
    assert targets == [("get", "limit"), ("get", "fastapi"), ("start", "limit"), ("start", "fastapi")]
    assert result.stdout.count("reached") == len(targets)


@needs_packages
def test_growth_measures_every_size_and_compares_the_last_with_the_first(tmp_path):
    result = _run("growth", "--brief", "--output", str(tmp_path))
    assert (result.returncode, result.stderr) == (0, ""), result
    found = _read_results(tmp_path, "growth")
    for grows, sizes in (("interviews", [100, 1_000]), ("messages", [11, 51])):
        assert {"get", "patch", "continue"} <= found["p50_ms"][grows].keys()
        assert found["p50_ms"][grows].keys() == found["last_beside_first"][grows].keys()
        for points in found["p50_ms"][grows].values():
            assert [size for size, _ in points] == sizes
            assert all(value > 0 for _, value in points)


def test_size_runs_complete_interviews(tmp_path):
    result = _run("size", "--interviews", "5", "--output", str(tmp_path))
    assert (result.returncode, result.stderr) == (0, ""), result
    figures = json.loads((tmp_path / "size.json").read_text(encoding="utf-8"))["figures"]
    assert figures["messages"] == 25
    assert all(value > 0 for value in figures.values())


def test_2_if_wrk_is_missing(tmp_path):
    result = _run("side-by-side", "--output", str(tmp_path), PATH=str(tmp_path))
    assert_one_line_error(result, naming="apt-get install wrk")


@needs_wrk
@needs_packages
def test_2_if_the_operation_does_not_exist(tmp_path):
    result = _run("side-by-side", "--only", "get,nothing", "--output", str(tmp_path))
    assert_one_line_error(result, naming="nothing")
