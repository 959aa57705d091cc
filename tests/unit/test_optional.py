"""A setting that needs an extra that is not installed: one line and exit status 2."""

from importlib.machinery import ModuleSpec
from importlib.util import find_spec

import pytest

from app import optional
from tests.support.command_line import assert_one_line_error, run_command

LLM = {"INTERVIEWER": "llm", "LLM_BASE_URL": "http://127.0.0.1:1/v1", "LLM_MODEL": "m", "LLM_API_KEY": "k"}
EXTRAS = {
    "llm": ("openai", LLM),
    "admin": ("piccolo_admin", {"ADMIN": "true"}),
    "metrics": ("prometheus_client", {"METRICS_PORT": "9100"}),
    "traces": ("opentelemetry.sdk", {"TRACES": "true"}),
}


@pytest.mark.parametrize("extra", EXTRAS)
def test_2_if_an_extra_is_missing_with_its_setting_and_the_install_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, extra: str
) -> None:
    module, settings = EXTRAS[extra]

    def find(name: str) -> ModuleSpec | None:
        return None if name == module else find_spec(name)

    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(optional, "find_spec", find)

    result = run_command(capsys, "serve")

    assert_one_line_error(result, naming=f"pip install '.[{extra}]'")
    assert next(iter(settings)) in result.stderr


def test_2_if_only_a_part_of_opentelemetry_is_installed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(name: str) -> object:
        if name.startswith("opentelemetry."):
            raise ModuleNotFoundError(name=name)  # find_spec does so if the parent is missing
        return find_spec(name)

    monkeypatch.setattr(optional, "find_spec", find)
    monkeypatch.setenv("TRACES", "true")

    assert_one_line_error(run_command(capsys, "serve", "--port", "0"), naming="pip install '.[traces]'")
