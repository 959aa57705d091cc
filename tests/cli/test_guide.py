"""`python -m app guide`: check, try and describe guides."""

import io
import json
import sys
from pathlib import Path

import pytest

from app.__main__ import main
from app.interviewer.guide_schema import guide_schema, language_schema
from tests.support.command_line import assert_one_line_error, run_command
from tests.support.guides import GUIDE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the guide `onboarding` in English."""
    (tmp_path / "onboarding").mkdir()
    (tmp_path / "onboarding" / "en.yaml").write_text(GUIDE, encoding="utf-8")
    return tmp_path


def _try(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str, *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["app", "guide", "try", *arguments])
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code in (0, None)
    return capsys.readouterr().out


def test_check_describes_the_guides_that_come_with_the_service(capsys: pytest.CaptureFixture[str]) -> None:
    result = run_command(capsys, "guide", "check")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == (
        "ok   process-discovery: 12 topics in es, en, pt\nok   software-requirements: 9 topics in es, en, pt\n"
    )


def test_check_names_every_fault_and_exits_with_1(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "gossip").mkdir()
    (folder / "gossip" / "en.yaml").write_text(GUIDE + "greeting: 1\nechoes: []", encoding="utf-8")

    result = run_command(capsys, "guide", "check", str(folder))

    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        "BAD  gossip/en.yaml, greeting: Input should be a valid string",
        "BAD  gossip/en.yaml, echoes: Tuple should have at least 1 item after validation, not 0",
        "ok   onboarding: 2 topics in en",
    ]


def test_check_says_if_an_interview_is_too_short_for_the_topics(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_QUESTIONS", "9")

    result = run_command(capsys, "guide", "check")

    assert "software-requirements: 9 topics in es, en, pt; an interview ends before the last" in result.stdout


@pytest.mark.parametrize("name", ["gone", "empty"])
def test_2_if_there_is_no_guide_to_check(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()

    assert_one_line_error(run_command(capsys, "guide", "check", str(tmp_path / name)), naming=name)


@pytest.mark.parametrize("command", ["serve", "guide try en"])
def test_2_if_guide_dir_has_an_invalid_guide(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path, command: str
) -> None:
    (folder / "onboarding" / "en.yaml").write_text("title: [", encoding="utf-8")
    monkeypatch.setenv("GUIDE_DIR", str(folder))

    assert_one_line_error(run_command(capsys, *command.split()), naming="onboarding/en.yaml is not YAML")


def test_2_if_the_guide_to_try_is_unknown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("GUIDE_DIR", str(folder))

    unknown = run_command(capsys, "guide", "try", "en", "--guide", "gossip")
    in_another_language = run_command(capsys, "guide", "try", "pt", "--guide", "onboarding")

    assert_one_line_error(unknown, naming="there are process-discovery, software-requirements, onboarding")
    assert_one_line_error(in_another_language, naming="no guide 'onboarding' in pt")


def test_try_holds_an_interview_and_prints_its_outcome(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("GUIDE_DIR", str(folder))

    answers = "To know everybody by May.\n\nWhat do you mean?\nstop\n"
    text = _try(capsys, monkeypatch, answers, "en", "--guide", "onboarding")

    assert [line for line in text.splitlines() if line][:7] == [
        "Hello. Three short questions: What is your goal?",
        "> (answer)",
        "What is hard?",
        "> > (asks back)",
        "Why?",
        "> (stop)",
        "Of course, we stop here. Thank you very much for your time; your answers are kept. We talked about your goal."
        " Still open: trouble.",
    ]
    assert "## Your goal\n\n- To know everybody by May. (message 2)" in text


def test_try_ends_at_the_end_of_the_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = _try(capsys, monkeypatch, "", "es", "--name", "Ana")

    assert text.startswith("\nHola, Ana. ")
    assert "# Resultado" in text


def test_schema_prints_the_schema_of_a_guide_or_of_a_language(capsys: pytest.CaptureFixture[str]) -> None:
    guide = run_command(capsys, "guide", "schema")
    language = run_command(capsys, "guide", "schema", "--language")

    assert json.loads(guide.stdout) == guide_schema()
    assert json.loads(language.stdout) == language_schema()
