"""The release workflow builds what it publishes, refuses a tag of another version, and publishes only if set up."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.command_line import CHECKOUT
from tests.support.timeouts import TIMEOUT

WORKFLOW = yaml.safe_load((CHECKOUT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
JOBS = WORKFLOW["jobs"]
STEPS = {step["name"]: step["run"] for step in JOBS["build"]["steps"] if "run" in step}
VERSION = re.search(
    r'__version__ = "(.*)"', (CHECKOUT / "contracts/statuspin/__init__.py").read_text(encoding="utf-8")
)[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which the step `Build` ran."""
    workspace = tmp_path_factory.mktemp("workspace")
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = _bash(STEPS["Build"], CHECKOUT, GITHUB_WORKSPACE=str(workspace), PATH=path)
    assert done.returncode == 0, done.stderr
    return workspace


def test_both_distributions_are_built_as_sdist_and_wheel(built: Path) -> None:
    assert sorted(file.name for file in (built / "dist").iterdir()) == [
        f"pytest_loopguard-{VERSION}-py3-none-any.whl",
        f"pytest_loopguard-{VERSION}.tar.gz",
        f"statuspin-{VERSION}-py3-none-any.whl",
        f"statuspin-{VERSION}.tar.gz",
    ]


@pytest.mark.parametrize(("tag", "status"), [(f"v{VERSION}", 0), ("v0.0.1", 1), (f"v{VERSION}0", 1)])
def test_the_tag_is_the_version_of_the_distributions(built: Path, tag: str, status: int) -> None:
    assert _bash(STEPS["Compare the tag with the versions"], built, GITHUB_REF_NAME=tag).returncode == status


@pytest.mark.parametrize("job", ["attest", "publish", "release"])
def test_a_job_with_write_access_runs_only_if_publishing_is_set_up(job: str) -> None:
    assert JOBS[job]["if"] == "github.ref_type == 'tag' && vars.PUBLISH == 'true'"


def test_permissions_are_minimal() -> None:
    assert WORKFLOW["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "build": {"contents": "read"},
        "attest": {"attestations": "write", "id-token": "write"},
        "publish": {"id-token": "write"},
        "release": {"contents": "write"},
    }


def _bash(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder, env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True, timeout=TIMEOUT,
    )  # fmt: skip
