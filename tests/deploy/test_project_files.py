"""Project files: workflows and forms are valid, hooks run, and links lead to files."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.support.command_line import CHECKOUT
from tests.support.timeouts import TIMEOUT

SCRIPTS = Path(sys.executable).parent
CHANGELOG = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
HOOKS = yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]

FILES = {
    "ISSUE_TEMPLATE/fault.yml": "github-issue-forms",
    "ISSUE_TEMPLATE/change.yml": "github-issue-forms",
    "ISSUE_TEMPLATE/config.yml": "github-issue-config",
    "workflows/contract.yml": "github-workflows",
    "workflows/release.yml": "github-workflows",
    "workflows/test.yml": "github-workflows",
    "dependabot.yml": "dependabot",
    "contract.gitlab-ci.yml": "gitlab-ci",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_valid_for_its_schema(name: str) -> None:
    result = _run("check-jsonschema", "--builtin-schema", f"vendor.{FILES[name]}", f".github/{name}")

    assert result.returncode == 0, result.stdout


def test_every_yaml_file_has_a_schema() -> None:
    files = {str(path.relative_to(CHECKOUT / ".github")) for path in (CHECKOUT / ".github").rglob("*.yml")}

    assert files == set(FILES)


def test_the_composite_action_is_valid_for_its_schema() -> None:
    result = _run("check-jsonschema", "--builtin-schema", "vendor.github-actions", "contracts/action.yml")

    assert result.returncode == 0, result.stdout


def test_every_action_is_pinned_to_a_commit_with_its_version() -> None:
    files = [CHECKOUT / "contracts/action.yml", *(CHECKOUT / ".github/workflows").glob("*.yml")]
    used = [
        line.strip() for file in files for line in file.read_text().splitlines() if re.match(r" *(- )?uses: ", line)
    ]
    loose = [line for line in used if not re.search(r"uses: (\$/\S+|\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$", line)]

    assert len(used) > 5
    assert loose == []


@pytest.mark.parametrize("package", ["app", "tables", "contracts/statuspin", "contracts/loopguard/pytest_loopguard"])
def test_a_package_that_says_it_is_typed_has_the_marker(package: str) -> None:
    assert (CHECKOUT / package / "py.typed").exists()


def test_the_pre_commit_configuration_is_valid() -> None:
    result = _run("pre-commit", "validate-config", ".pre-commit-config.yaml")

    assert (result.returncode, result.stdout + result.stderr) == (0, "")


@pytest.mark.parametrize(
    "hook", [hook for hook in HOOKS if hook.get("stages") != ["pre-push"]], ids=lambda it: it["id"]
)
def test_a_pre_commit_hook_finds_nothing(hook: dict[str, str]) -> None:
    files = {"ruff-check": ["app"], "ruff-format": ["app"], "hadolint": ["deploy/Containerfile"]}.get(hook["id"], [])

    result = _run(*shlex.split(hook["entry"]), *files)

    assert result.returncode == 0, result.stdout + result.stderr


def test_the_changelog_follows_keep_a_changelog() -> None:
    sections = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert sections[0] == "[Unreleased]"
    for section in sections[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", section), section
    for part in re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.*)$", part, re.MULTILINE)
        order = [kind for kind in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security") if kind in kinds]
        assert kinds == order
    assert set(re.findall(r"^\[(.*)\]: https://", CHANGELOG, re.MULTILINE)) == {
        re.match(r"\[(.*?)\]", section)[1] for section in sections
    }


def test_every_link_in_a_markdown_file_leads_to_a_file() -> None:
    tracked = subprocess.run(["git", "ls-files", "*.md"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    missing = [
        f"{page}: {target}"
        for page in tracked.stdout.split()
        for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", (CHECKOUT / page).read_text(encoding="utf-8"))
        if not ((CHECKOUT / page).parent / target).exists()
    ]

    assert missing == []


def test_make_setup_installs_every_extra_and_the_tools() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    extras = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    installed = re.search(r"pip install -q -e '\.\[([\w,]+)\]' --group dev", makefile)

    assert installed
    assert set(installed[1].split(",")) == set(extras)  # mypy checks the modules that need them
    assert "pip install -q 'pip>=25.1'" in makefile[: installed.start()]  # older versions do not support --group


@pytest.mark.skipif(not shutil.which("make"), reason="make is missing: apt-get install make")
def test_make_lists_every_target() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert targets
    assert re.findall(r"^make ([a-z]+) +[A-Z]", _run("make").stdout, re.MULTILINE) == targets[1].split()


@pytest.mark.skipif(not shutil.which("make"), reason="make is missing: apt-get install make")
@pytest.mark.parametrize("target", ["setup", "run", "test", "check", "everything", "bench", "docs"])
def test_make_accepts_a_target(target: str) -> None:
    assert _run("make", "--dry-run", target).returncode == 0


def test_a_pure_unit_test_imports_neither_hypothesis_nor_schemathesis_nor_the_database() -> None:
    script = "import pytest, sys; pytest.main(['-q', 'tests/unit/test_question_stream.py']); print(*sys.modules)"

    loaded = _run("python", "-c", script).stdout.split()

    assert "app.interviewer.llm.question_stream" in loaded
    assert {"hypothesis", "schemathesis", "asyncpg", "piccolo", "starlette"}.isdisjoint(loaded)


def test_make_test_runs_folders_that_exist() -> None:
    recipe = re.search(r"^test:.*\n\t(.*)$", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert recipe
    assert [name for name in re.findall(r"tests/\S+", recipe[1]) if not (CHECKOUT / name).exists()] == []


def test_every_folder_of_tests_is_run_by_an_environment_of_tox() -> None:
    configuration = (CHECKOUT / "tox.ini").read_text(encoding="utf-8")
    run = set(re.findall(r"\btests/(\w+)", "\n".join(re.findall(r"pytest .*", configuration))))

    folders = {file.relative_to(CHECKOUT).parts[1] for file in (CHECKOUT / "tests").rglob("test_*.py")}
    assert folders - run == set()


def test_the_development_container_is_set_up_by_make() -> None:
    container = json.loads((CHECKOUT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))

    assert container["postCreateCommand"] == "make setup"


def test_the_table_of_environments_has_each_of_tox_ini() -> None:
    tox = configparser.RawConfigParser()
    tox.read(CHECKOUT / "tox.ini")
    sections = [name.partition(":")[2] for name in tox.sections() if name.startswith("testenv:")]
    environments = [name for section in sections for name in section.strip("{}").split(",")]
    page = (CHECKOUT / "docs/explanation/measurements.md").read_text(encoding="utf-8")
    table = page.partition("## Every environment")[2].partition("\n## ")[0]

    assert set(re.findall(r"^\| (\w+) \|", table, re.MULTILINE)) - {"Environment"} == {"py", *environments}


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment in the checkout."""
    path = {"PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable if program == "python" else program, *arguments]
    return subprocess.run(
        command, cwd=CHECKOUT, env={**os.environ, **path}, capture_output=True, text=True, timeout=TIMEOUT
    )


@pytest.mark.parametrize("folder", ["contracts", "contracts/loopguard"])
def test_the_links_of_a_package_readme_are_absolute_and_lead_to_files(folder: str) -> None:
    """PyPI shows the README without the files around it."""
    urls = tomllib.loads((CHECKOUT / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    project = urls["Source"].partition("/tree/")[0]
    links = re.findall(r"\]\(([^)\s]+)\)", (CHECKOUT / folder / "README.md").read_text(encoding="utf-8"))

    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    files = [link.removeprefix(f"{project}/blob/main/").partition("#")[0] for link in links if project in link]
    assert files
    assert [file for file in files if not (CHECKOUT / file).is_file()] == []
