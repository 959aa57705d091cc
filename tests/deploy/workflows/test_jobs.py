"""The jobs of the action and of GitLab work by their defaults, in first pull requests, and with hostile inputs."""

import re
from pathlib import Path

import pytest

from tests.deploy.workflows.jobs import Job, run_action, run_gitlab
from tests.deploy.workflows.project import PINS, create_project, document


@pytest.fixture(scope="module")
def first_pull_request(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Job]:
    project = create_project(tmp_path_factory.mktemp("first"))
    return project, run_action(project)


def test_the_first_pull_request_succeeds_by_default(first_pull_request: tuple[Path, Job]) -> None:
    _, job = first_pull_request

    assert job.failed == [], job.output
    assert list(job.steps) == ["Install statuspin", "Lint", "Diff", "Install the service", "Verify", "Report"]
    assert "main has no contract in contracts/specs/current, so there is nothing to compare with" in job.output


def test_the_harness_and_the_service_are_installed_by_default(first_pull_request: tuple[Path, Job]) -> None:
    _, job = first_pull_request

    assert job.installed == ["--quiet -- /the/action", "--quiet --requirement requirements.txt"]


def test_every_report_is_written_and_the_summary_is_filled(first_pull_request: tuple[Path, Job]) -> None:
    project, job = first_pull_request

    assert {file.name for file in project.glob("contract*.*")} == {
        "contract-report.html", "contract-junit.xml", "contract.sarif", "contract-run.json",
    }  # fmt: skip
    assert "every promise is kept" in job.summary


def test_a_breaking_change_fails_the_diff(tmp_path: Path) -> None:
    project = create_project(tmp_path, base=document(), change=document(type_of_greeting="integer"))

    job = run_action(project)

    assert job.failed == ["Diff"]
    assert "::error file=" in job.output


def test_a_push_is_compared_with_nothing(tmp_path: Path) -> None:
    project = create_project(tmp_path, pins=PINS)

    job = run_action(project, base_ref="")

    assert job.failed == [], job.output
    assert "There is no base to compare with" in job.output


def test_without_a_server_and_a_service_it_warns_that_nothing_was_tested(tmp_path: Path) -> None:
    job = run_action(create_project(tmp_path, pins=PINS))

    assert job.failed == [], job.output
    assert "::warning title=Statuspin::No server was tested." in job.output


def test_a_broken_promise_fails_the_verification_and_is_reported(tmp_path: Path) -> None:
    wrong = document(type_of_greeting="integer")
    project = create_project(tmp_path, change=wrong)

    job = run_action(project, arguments="--no-fuzz  --workers 1")

    assert job.failed == ["Verify"]
    assert "1 failed" in job.summary
    assert "curl --include" in job.summary
    assert (project / "contract-junit.xml").exists()


@pytest.mark.parametrize(
    ("version", "installed"),
    [("1.3.0", "statuspin==1.3.0"), ("./contracts", "./contracts"), ("", "/the/action")],
)
def test_the_version_that_is_installed(tmp_path: Path, version: str, installed: str) -> None:
    job = run_action(create_project(tmp_path, pins=PINS), version=version)

    assert job.installed[0] == f"--quiet -- {installed}"


def test_the_command_that_installs_the_service_is_run(tmp_path: Path) -> None:
    project = create_project(tmp_path, pins=PINS)

    run_action(project, install="touch first && touch second")

    assert (project / "first").exists()
    assert (project / "second").exists()


@pytest.mark.parametrize("name", ["contract", "url", "base", "version", "arguments", "tokens"])
def test_an_input_is_never_run_as_shell(tmp_path: Path, name: str) -> None:
    project = create_project(tmp_path, pins=PINS)
    evil = {name: "\"; touch taken; $(touch taken) `touch taken` '; touch taken"}

    run_action(project, **({"url": "http://127.0.0.1:1"} | evil))

    assert not (project / "taken").exists()


def test_the_tokens_file_is_readable_only_for_its_owner(tmp_path: Path) -> None:
    project = create_project(tmp_path, pins=PINS)

    run_action(project, url="http://127.0.0.1:1", tokens="owner: secret-of-the-owner")

    (file,) = tmp_path.rglob("statuspin-tokens.yaml")
    assert file.stat().st_mode & 0o077 == 0
    assert file.read_text() == "owner: secret-of-the-owner\n"
    assert not file.is_relative_to(project)


def test_gitlab_succeeds_in_the_first_merge_request(tmp_path: Path) -> None:
    project = create_project(tmp_path)

    job = run_gitlab(project)

    assert job.failed == [], job.output
    assert "main has no contract in contracts/specs/current, so there is nothing to compare with" in job.output
    assert re.fullmatch(r"--quiet -- statuspin==\d+\.\d+\.\d+", job.installed[0])
    assert (project / "contract-report.html").exists()
    assert (project / "contract-junit.xml").exists()


def test_gitlab_fails_on_a_breaking_change(tmp_path: Path) -> None:
    project = create_project(tmp_path, base=document(), change=document(type_of_greeting="integer"))

    job = run_gitlab(project)

    assert job.failed == ["script"]
    assert "breaking" in job.output


def test_gitlab_without_a_server_and_a_service_says_that_nothing_was_tested(tmp_path: Path) -> None:
    job = run_gitlab(create_project(tmp_path, pins=PINS), target="")

    assert job.failed == [], job.output
    assert "There is no base to compare with" in job.output
    assert "No server was tested." in job.output
