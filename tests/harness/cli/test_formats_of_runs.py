"""Every format of a run has the same cases: skipped pins as skipped, failed pins with their request."""

import json
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.harness.cli.commands import run_command
from tests.harness.second_api.runs import CONTRACT, library, verify


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a run in which pins were kept, broken and skipped."""
    folder = tmp_path_factory.mktemp("run")
    with library("--fault", "wrong-status") as url:
        verify(url, folder, "--allow-writes", "--no-fuzz", "--no-races")
    broken = json.loads((folder / "run.json").read_text())
    skipped = next(pin for pin in broken["pins"] if pin["verdict"] == "kept")
    skipped |= {"verdict": "skipped", "reason": "its mode was not available"}
    (folder / "run.json").write_text(json.dumps(broken))
    return folder / "run.json"


@pytest.fixture(scope="module")
def verdicts(record: Path) -> Counter[str]:
    return Counter(pin["verdict"] for pin in json.loads(record.read_text())["pins"])


def test_junit_and_json_have_a_case_for_each_pin(record: Path, verdicts: Counter[str]) -> None:
    suites = ET.fromstring(run_command("report", "--run", record, "--format", "junit").stdout)
    whole = json.loads(run_command("report", "--run", record, "--format", "json").stdout)

    assert verdicts["broken"] > 0
    assert int(suites.get("tests")) == len(whole["cases"]) == verdicts.total()
    assert int(suites.get("failures")) == whole["outcomes"]["failed"] == verdicts["broken"]
    assert int(suites.get("skipped")) == whole["outcomes"]["skipped"] == verdicts["skipped"] == 1


@pytest.mark.parametrize("style", ["text", "json", "junit", "github", "sarif", "markdown"])
def test_every_format_shows_the_request_of_a_failed_pin_and_no_secret(record: Path, style: str) -> None:
    printed = run_command("report", "--run", record, "--format", style).stdout

    assert "curl --include" in printed
    assert "$TOKEN" in printed
    assert "reader-key" not in printed


def test_sarif_has_the_line_of_the_pin(record: Path) -> None:
    (run,) = json.loads(run_command("report", "--run", record, "--format", "sarif").stdout)["runs"]
    lines = (CONTRACT / "pins.yaml").read_text(encoding="utf-8").splitlines()

    for result in run["results"]:
        location = result["locations"][0]["physicalLocation"]
        assert location["artifactLocation"]["uri"].endswith("contract/pins.yaml")
        assert "actor" in lines[location["region"]["startLine"] - 1]


def test_a_badge_is_written_to_a_file(record: Path, tmp_path: Path) -> None:
    assert (
        run_command("report", "--run", record, "--format", "badge", "--output", tmp_path / "badge.svg").returncode == 0
    )

    assert ET.parse(tmp_path / "badge.svg").getroot().get("role") == "img"


def test_a_trend_needs_the_page(record: Path) -> None:
    refused = run_command("report", "--run", record, "--format", "json", "--earlier", record)

    assert (refused.returncode, refused.stderr) == (
        2, "error: --earlier and --mutants need --format html, not json\n",
    )  # fmt: skip


def test_skipped_pins_fail_a_run_only_if_that_is_wanted(tmp_path: Path) -> None:
    with library() as url:
        reading = verify(url, tmp_path, "--no-fuzz")
        failing = verify(url, tmp_path, "--no-fuzz", "--fail-on-skipped")

    assert (reading.status, failing.status) == (0, 1)
    assert json.loads(reading.output)["outcomes"]["skipped"] > 0
