"""The prose check finds what style.yaml names, in prose only, and reports the line."""

from pathlib import Path

import pytest

from tests.prose.style import Style
from tests.support.command_line import CHECKOUT

STYLE = Style.read()


def _phrases(tmp_path: Path, text: str, suffix: str = ".md") -> list[tuple[int, str]]:
    path = tmp_path / f"page{suffix}"
    path.write_text(text, encoding="utf-8")
    return [(finding.line, finding.phrase) for finding in STYLE.check(path)]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Forty messages at the most.", "at the most"),
        ("It is prepared anew.", "anew"),
        ("Nobody logs in without it.", "Nobody"),
        ("The client is told the reason.", "told"),
        ("A knob of the pool.", "knob"),
        ("A row where there is one.", "where there"),
        ("The body passes as it is.", "as it is"),
        ("If there is none, start one.", "there is none"),
        ("Stored. What is missing is applied.", "What is"),
        ("Who asks. Raises what makes a 401.", "Who asks"),
        ("One line a message.", "line a message"),
        ("The mode is brought about first.", "brought about"),
        ("States are put away after it.", "put away"),
        ("Pins that are under way.", "under way"),
    ],
)
def test_a_mannerism_is_found(tmp_path: Path, text: str, phrase: str) -> None:
    assert phrase in [found for _, found in _phrases(tmp_path, text)]


@pytest.mark.parametrize(
    "text",
    [
        "Forty messages at most.",
        "What is a pin?",
        "The folder where keys are stored.",
        "It depends on what is stored.",
        "`at the most`",
        "```\nat the most\n```",
        "[a page](told/anew.md)",
        "<!-- at the most -->",
        "- a list\n\n      at the most\n",
    ],
)
def test_plain_english_and_code_are_not_reported(tmp_path: Path, text: str) -> None:
    assert _phrases(tmp_path, text) == []


def test_a_phrase_is_found_across_lines(tmp_path: Path) -> None:
    assert _phrases(tmp_path, "# Title\n\nForty messages at\nthe most.\n") == [(3, "at the most")]


def test_help_texts_and_messages_of_exceptions_are_checked(tmp_path: Path) -> None:
    text = (
        'option("--port", default="anew", help="Told to the proxy.")\n'
        'raise CannotRun(f"{nobody}: {knob!r} cannot "\n    "be had")\n'
        'print("anew")\n'
    )

    assert _phrases(tmp_path, text, ".py") == [(1, "Told"), (2, "cannot be had")]


def test_names_and_other_strings_of_python_are_not_checked(tmp_path: Path) -> None:
    text = '"""Ö. Told\nwhy."""\nnobody = "nobody"  # at the\n# most\nLIMIT = 1\n"""A knob."""\n'

    assert _phrases(tmp_path, text, ".py") == [(1, "Told"), (3, "at the most"), (6, "knob")]


def test_every_checked_path_exists() -> None:
    assert [path for path in STYLE.paths if not (CHECKOUT / path).exists()] == []
