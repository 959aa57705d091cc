"""Exports as Markdown and CSV: any text is exported as text, without markup or formulas."""

import csv
import re
from io import StringIO
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic_core import to_json

from app.domain.interview import DEFAULT_GUIDE, Language
from app.export.markdown import render_markdown
from app.export.messages import COLUMNS, render_csv
from app.export.outcome_documents import read_conversation
from app.interviewer.library import shipped_library
from app.outcome.assemble import get_assembler
from app.use_cases.export_interview import Export

GUIDE = shipped_library().find(DEFAULT_GUIDE)
MOMENT = "2025-10-01T10:00:00.000000+00:00"
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60)
_SIGNS = [*"#>*_-+=`~|[]()!\\<&;.:1 \t\n", "\r\n", "    ", "http://a.b", "</b>", "a"]
MARKUP = st.lists(st.sampled_from(_SIGNS), max_size=30)


def _export(*contents: str, name: str = "Ana Torres", language: str = "pt", complete: bool = True) -> Export:
    roles = ["assistant", "user"]
    turns = [
        {"role": roles[index % 2], "content": content, "timestamp": MOMENT} for index, content in enumerate(contents)
    ]
    facts = {
        "user_name": name,
        "organization": "Ação & Cía",
        "interview_id": UUID("0199a1f2-6c3d-7e4a-9b5c-8d7e6f5a4b3c"),
        "interview_date": MOMENT,
        "is_complete": complete,
    }
    return Export(facts, to_json(turns), language, "unknown", GUIDE.name, 0)


def _render_markdown(export: Export) -> str:
    return render_markdown(
        export, get_assembler(GUIDE).assemble(read_conversation(export)), GUIDE.texts(Language(export.language))
    )


def _render(text: str) -> list[Token]:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    return [inner for token in tokens for inner in ([token] if token.type != "inline" else token.children or [])]


def _split_words(text: str) -> list[str]:
    return re.sub(r"\s+", " ", text).split()


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("es", ["# Entrevista", "- **Persona:** Ana Torres", "- **Estado:** terminada", "## Pregunta 1"]),
        ("en", ["# Interview", "- **Person:** Ana Torres", "- **State:** finished", "## Question 1"]),
        ("pt", ["# Entrevista", "- **Pessoa:** Ana Torres", "- **Estado:** concluída", "## Pergunta 1"]),
    ],
)
def test_a_document_is_in_the_language_of_the_interview(language: str, expected: list[str]) -> None:
    lines = _render_markdown(_export("Qual é o seu papel?", "Compro aço.", "E depois?", language=language)).splitlines()

    assert [line for line in lines if line in expected] == expected
    assert lines[-3:] == [expected[-1].replace("1", "2"), "", "E depois?"]
    assert "> Compro aço." in lines
    assert any(line.endswith("** 2025-10-01 10:00 UTC") for line in lines)


def test_a_document_says_if_the_interview_is_not_finished() -> None:
    assert "- **State:** not finished\n" in _render_markdown(_export("?", language="en", complete=False))


@given(content=TEXT | MARKUP.map("".join).filter(str.strip))
@example(content="# a\n- b\n1. c\n\n    code\n```\nx\n```\n| a |\n|---|\n<b>&lt;</b> [x](y) ![z](w) *e* ~s~ \\")
@example(content="a\n===\nb\n---")
@example(content="\ufeff# a")
def test_markdown_renders_every_answer_as_plain_text(content: str) -> None:
    document = _render_markdown(_export("?", content))

    tokens = _render(document[document.index("\n>") :]) if "\n>" in document else []
    kinds = {token.type for token in tokens}
    assert kinds <= {
        "blockquote_open", "blockquote_close", "paragraph_open", "paragraph_close", "text", "text_special", "hardbreak",
        "softbreak",
    }  # fmt: skip
    shown = "".join(token.content if token.type.startswith("text") else " " for token in tokens)
    assert _split_words(shown) == _split_words(content)


def test_markdown_keeps_the_lines_of_an_answer() -> None:
    document = _render_markdown(_export("?", "first\nsecond\r\n\r\nthird"))

    assert "> first\\\n> second\n>\n> third\n" in document


def test_markdown_in_a_name_is_escaped() -> None:
    assert "- **Pessoa:** \\# A \\[x\\](y)\n" in _render_markdown(_export("?", name="# A\n[x](y)"))
    assert "- **Pessoa:** —\n" in _render_markdown(_export("?", name="  "))


@given(contents=st.lists(TEXT, min_size=1, max_size=5))
def test_csv_reads_back_as_written_except_for_escaped_formulas(contents: list[str]) -> None:
    header, *rows = csv.reader(StringIO(render_csv(_export(*contents)), newline=""))

    assert header == list(COLUMNS)
    for row, content in zip(rows, contents, strict=True):
        assert row[2] in (content, f"'{content}")
        assert row[2] != content or content[0] not in "=+-@\t\r\n"
    assert [(row[0], row[1], row[3]) for row in rows] == [
        (str(index + 1), ["assistant", "user"][index % 2], MOMENT) for index in range(len(contents))
    ]


@pytest.mark.parametrize("operator", list("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207a\u2212"))
@pytest.mark.parametrize(
    "prefix",
    [
        *(
            "",
            " ",
            "\ufeff",
            "\u200b",
            "\u2060\u00ad",
            "\u202e",
            "\u00a0",
            "\u3000",
            "\x85",
            "\x0b",
            "\ufe0f",
            "\u3164",
        ),
        *("\t", "\r\n", "'", '"', "\u201c", "\u2018", "\u00ab", "`", "\" \ufeff'", "\U000e0020"),
    ],
)
def test_csv_escapes_a_formula_after_invisible_characters_and_quotes(prefix: str, operator: str) -> None:
    content = f"{prefix}{operator}1+1"

    _, row = csv.reader(StringIO(render_csv(_export(content)), newline=""))

    assert row[2] == f"'{content}"


@pytest.mark.parametrize(
    "content", ["1+1", "\ufeffYes", '"No" = no', "\u201cI buy steel.\u201d", "\u2014 And then?", "\u200b"]
)
def test_csv_keeps_text_that_is_no_formula(content: str) -> None:
    _, row = csv.reader(StringIO(render_csv(_export(content)), newline=""))

    assert row[2] == content


def test_the_lines_of_csv_end_as_in_rfc_4180() -> None:
    assert render_csv(_export('a "b", c', "=1+1")) == (
        f'sequence_number,role,content,timestamp\r\n1,assistant,"a ""b"", c",{MOMENT}\r\n2,user,\'=1+1,{MOMENT}\r\n'
    )
