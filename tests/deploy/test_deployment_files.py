"""The files of deploy/ pass their linters, and the instructions of the image have their documented effect."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from tests.support.command_line import CHECKOUT
from tests.support.timeouts import TIMEOUT

DEPLOY = CHECKOUT / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
UNIT = (DEPLOY / "interview-system.service").read_text(encoding="utf-8")
FINAL_STAGE = CONTAINERFILE.rpartition("\nFROM ")[2]

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed: apt-get install systemd"
)


def test_hadolint_finds_nothing() -> None:
    result = _run(_tool("hadolint"), "Containerfile")

    assert (result.returncode, result.stdout) == (0, "")


def test_the_image_runs_without_root_and_its_programs_without_a_shell() -> None:
    assert re.findall(r"^USER (.*)$", FINAL_STAGE, re.MULTILINE) == ["10001:10001"]
    for instruction in ("ENTRYPOINT", "CMD", " CMD"):
        assert re.search(rf'^ *{instruction.strip()} \["', FINAL_STAGE, re.MULTILINE), instruction
    assert re.search(r"^HEALTHCHECK ", FINAL_STAGE, re.MULTILINE)
    assert not re.search(r"password|secret=|DATABASE_URL=", CONTAINERFILE, re.IGNORECASE)


def test_the_wheel_can_be_built_from_what_the_image_copies(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for line in re.findall(r"^COPY (?!--from)(.*)$", CONTAINERFILE, re.MULTILINE):
        *names, target = line.split()
        for name in names:
            _copy(CHECKOUT / name, source / target / name if target == "./" else source / target)

    assert _wheel(source, tmp_path / "copied") == _wheel(CHECKOUT, tmp_path / "whole")


@pytest.mark.parametrize(("extras", "installed"), [("", ""), ("metrics,traces", "[metrics,traces]")])
def test_the_image_is_built_with_the_given_extras(tmp_path: Path, extras: str, installed: str) -> None:
    (requirement,) = re.findall(r"pip install --no-cache-dir (\S.*)$", CONTAINERFILE, re.MULTILINE)
    wheel = tmp_path / "interview_system-1.3.0-py3-none-any.whl"
    wheel.touch()

    result = subprocess.run(
        ["sh", "-ec", f"printf '%s\n' {requirement.replace('/wheels', str(tmp_path))}"],
        env={"EXTRAS": extras}, capture_output=True, text=True,
    )  # fmt: skip

    assert result.stdout == f"{wheel}{installed}\n"
    assert re.search(r"^ARG EXTRAS=$", CONTAINERFILE, re.MULTILINE)


def test_the_build_context_includes_every_copied_file() -> None:
    included = set(re.findall(r"^!(.*)$", (CHECKOUT / ".containerignore").read_text(), re.MULTILINE))
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.*)$", CONTAINERFILE, re.MULTILINE) for name in line.split()[:-1]
    }

    assert copied == included


def test_compose_file_matches_its_schema() -> None:
    result = _run(_tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml")

    assert result.returncode == 0, result.stdout


def test_compose_migrates_before_it_serves_and_contains_no_password() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]

    assert services["service"]["depends_on"] == {
        "database": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }
    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert services["migrate"]["restart"] == "no"
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert {services[name]["image"] for name in ("migrate", "service")} == {f"interview-system:{version}"}
    assert not re.search(r"PASSWORD: |://\w+:", text)
    assert all(secret["file"].startswith("secrets/") for secret in yaml.safe_load(text)["secrets"].values())
    assert "deploy/secrets/\n" in (CHECKOUT / ".gitignore").read_text()


@needs_systemd
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    result = _run("systemd-analyze", "verify", str(_installed_unit(tmp_path)))

    assert (result.returncode, result.stderr) == (0, "")


@needs_systemd
def test_the_exposure_of_the_unit_does_not_grow(tmp_path: Path) -> None:
    if "--offline" not in _run("systemd-analyze", "--help").stdout:
        pytest.skip("systemd-analyze checks uninstalled units from version 250 on")
    result = _run("systemd-analyze", "security", "--offline=true", "--threshold=15", str(_installed_unit(tmp_path)))

    assert result.returncode == 0, result.stdout.splitlines()[-1]


def _installed_unit(folder: Path) -> Path:
    """Copy the unit with the path of an existing program."""
    unit = folder / "interview-system.service"
    unit.write_text(UNIT.replace("/opt/interview-system/bin/python", sys.executable))
    return unit


def _tool(name: str) -> str:
    """Return the path of a linter of this environment or of the machine."""
    installed = Path(sys.executable).parent / name
    result = str(installed) if installed.exists() else shutil.which(name)
    return result or pytest.skip(f"{name} is not installed: pip install --group test")


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=DEPLOY, capture_output=True, text=True, timeout=TIMEOUT)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _wheel(source: Path, folder: Path) -> list[str]:
    """Build the wheel of a source folder. Return the names of its files."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=TIMEOUT)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())
