"""The shell steps of the composite action and of the GitLab job, run with bash as their runners run them."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.command_line import CHECKOUT
from tests.support.timeouts import TIMEOUT

ACTION = yaml.safe_load((CHECKOUT / "contracts/action.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((CHECKOUT / ".github/contract.gitlab-ci.yml").read_text(encoding="utf-8"))
_EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
_STATUSPIN = f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}/contracts" exec "{sys.executable}" -m statuspin "$@"\n'
_PYTHON = f"""\
#!/bin/sh
if [ "$1 $2 $3" = "-m pip install" ]; then
  shift 3
  echo "$@" >> "$INSTALLED"
else
  exec "{sys.executable}" "$@"
fi
"""


@dataclass
class Job:
    """What a job did.

    steps: the exit status of each step by its name. installed: the arguments of each `pip install`.
    """

    steps: dict[str, int] = field(default_factory=dict)
    output: str = ""
    summary: str = ""
    installed: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[str]:
        """The names of the steps that failed."""
        return [name for name, status in self.steps.items() if status]


def run_action(project: Path, *, base_ref: str = "main", **inputs: str) -> Job:
    """Run the shell steps of the composite action in a project, for a pull request against `base_ref`."""
    values = {name: str(each["default"]) for name, each in ACTION["inputs"].items()} | inputs
    shell, job = _Shell(project), Job()
    for step in ACTION["runs"]["steps"]:
        condition = step.get("if", "")
        is_wanted = "inputs.url == ''" not in condition or not values["url"]
        if "run" not in step or not is_wanted or (job.failed and "!cancelled()" not in condition):
            continue
        environment = {name: _evaluate(value, values, base_ref) for name, value in step.get("env", {}).items()}
        job.steps[step["name"]] = shell.run(step["run"], environment, job)
    return shell.finish(job)


def run_gitlab(project: Path, *, target: str = "main", **variables: str) -> Job:
    """Run the scripts of the GitLab job in a project, for a merge request into `target`."""
    values = {name: each["value"] for name, each in GITLAB["variables"].items()} | variables
    if target:
        values["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] = target
    shell, job, script = _Shell(project), Job(), GITLAB["contract"]
    job.steps["script"] = shell.run("\n".join([*script["before_script"], *script["script"]]), values, job)
    job.steps["after_script"] = shell.run("\n".join(script["after_script"]), values, job)
    return shell.finish(job)


class _Shell:
    """Bash in a project, with a pip that installs nothing."""

    def __init__(self, project: Path) -> None:
        self._project, self._temporary = project, project.parent / "runner"
        programs = self._temporary / "bin"
        programs.mkdir(parents=True)
        for name, text in (("statuspin", _STATUSPIN), ("python", _PYTHON)):
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        self._environment = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self._temporary),
            "INSTALLED": str(self._temporary / "installed"),
            "RUNNER_TEMP": str(self._temporary),
            "GITHUB_ACTION_PATH": "/the/action",
            "GITHUB_STEP_SUMMARY": str(self._temporary / "summary.md"),
        }

    def run(self, script: str, environment: dict[str, str], job: Job) -> int:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self._project,
            env=self._environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
        job.output += done.stdout + done.stderr
        return done.returncode

    def finish(self, job: Job) -> Job:
        job.installed = _lines(self._temporary / "installed")
        job.summary = "\n".join(_lines(self._temporary / "summary.md"))
        return job


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def _evaluate(text: Any, inputs: dict[str, str], base_ref: str) -> str:
    """Return a value of `env` with its expressions evaluated, which are names and `||`."""

    def value(found: re.Match[str]) -> str:
        names = {f"inputs.{name}": each for name, each in inputs.items()} | {"github.base_ref": base_ref}
        return next((names[name] for name in found[1].split(" || ") if names[name]), "")

    return _EXPRESSION.sub(value, str(text))
