"""The interviewer that the setting INTERVIEWER selects. A language model needs an extra and more settings."""

import subprocess
import sys

import pytest
from pydantic import SecretStr, ValidationError

from app.interviewer.factory import InterviewerUnusable, create_interviewer, ensure_usable
from app.interviewer.scripted import ScriptedInterviewer
from app.settings import Settings
from tests.support.command_line import CHECKOUT, assert_one_line_error, environment, run_command
from tests.support.timeouts import TIMEOUT

KEY = "sk-a-secret-key"
LLM = {"INTERVIEWER": "llm", "LLM_BASE_URL": "http://127.0.0.1:1/v1", "LLM_MODEL": "small-model", "LLM_API_KEY": KEY}


def _set_environment(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_the_scripted_interviewer_is_the_default() -> None:
    assert isinstance(create_interviewer(Settings()), ScriptedInterviewer)


def test_what_only_some_settings_or_pages_need_is_not_imported_by_default() -> None:
    script = (
        "import sys; from app.application import create_app; create_app();"
        "print({'httpx2', 'jinja2', 'markdown_it', 'openai', 'pydantic_ai', 'rapidfuzz'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=CHECKOUT,
        env=environment(DATABASE_URL="postgresql://127.0.0.1:1/nowhere"),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )

    assert (result.stdout, result.stderr) == ("set()\n", "")


@pytest.mark.parametrize("command", ["serve", "doctor"])
@pytest.mark.parametrize("missing", ["LLM_BASE_URL", "LLM_MODEL", "LLM_API_KEY"])
def test_2_if_a_setting_of_the_model_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str, missing: str
) -> None:
    _set_environment(monkeypatch, {name: value for name, value in LLM.items() if name != missing})

    result = run_command(capsys, command)

    assert_one_line_error(result, naming=missing)
    assert KEY not in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INTERVIEWER", "parrot"),
        ("LLM_BASE_URL", "localhost:11434"),
        ("LLM_BASE_URL", f"http://user:{KEY}@127.0.0.1/v1"),
        ("LLM_API_KEY", f"{KEY} and more"),
        ("LLM_API_KEY", f"{KEY}é"),
    ],
)
def test_2_if_a_setting_of_the_model_is_invalid_without_printing_the_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    _set_environment(monkeypatch, {**LLM, name: value})

    result = run_command(capsys, "serve")

    assert_one_line_error(result, naming=name)
    assert KEY not in result.stderr


def test_the_settings_never_show_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(interviewer="llm", llm_api_key=SecretStr(KEY))

    assert KEY not in f"{settings} {settings!r} {settings.model_dump()} {settings.model_dump_json()}"
    with pytest.raises(InterviewerUnusable) as raised:
        ensure_usable(settings)
    assert KEY not in str(raised.value)
    monkeypatch.setenv("LLM_API_KEY", f"{KEY} and more")
    with pytest.raises(ValidationError) as raised:
        Settings()
    assert KEY not in f"{raised.value} {raised.value!r}"
