"""The outcome of whole interviews, as an analyst reads it: `outcome/<language>-<name>.yaml` has the answers of each.

`python -m tests.unit.test_outcome` writes the documents. Read them before you commit them.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from app.domain.interview import DEFAULT_GUIDE, Language, Role
from app.export.flowchart import render_bpmn
from app.export.outcome_documents import render_outcome_csv, render_outcome_markdown
from app.interviewer.library import shipped_library
from app.interviewer.protocol import Conversation, Turn
from app.interviewer.scripted import ScriptedInterviewer
from app.outcome.assemble import get_assembler

FOLDER = Path(__file__).with_name("outcome")
INTERVIEWS = sorted(FOLDER.glob("*.yaml"))


def hold_interview(file: Path) -> tuple[str, Language, list[Turn]]:
    """Return the guide, the language and the messages of an interview with the answers of the file."""
    script = yaml.safe_load(file.read_text(encoding="utf-8"))
    guide, language = script.get("guide", DEFAULT_GUIDE), Language(script["language"])
    interviewer = ScriptedInterviewer()
    messages: list[Turn] = []
    for answer in [None, *script["answers"]]:
        if answer is not None:
            messages.append(Turn(Role.USER, answer))
        reply = asyncio.run(interviewer.reply(Conversation(language, messages, "Ana", guide)))
        messages.append(Turn(Role.ASSISTANT, reply.question))
        if reply.is_final:
            break
    return guide, language, messages


def documents(file: Path) -> Iterator[tuple[str, str]]:
    name, language, messages = hold_interview(file)
    guide = shipped_library().find(name)
    outcome = get_assembler(guide).assemble(messages, language)
    texts = guide.texts(language)
    yield "md", render_outcome_markdown(outcome, texts)
    yield "json", json.dumps(asdict(outcome), ensure_ascii=False, indent=1) + "\n"
    yield "bpmn", render_bpmn(outcome, texts)
    yield "csv", render_outcome_csv(outcome, texts)


@pytest.mark.parametrize("file", INTERVIEWS, ids=lambda file: file.stem)
def test_the_outcome_of_an_interview_is_the_golden_file(file: Path) -> None:
    for extension, text in documents(file):
        golden = file.with_suffix(f".{extension}").read_bytes().decode()
        assert text == golden, f"{file.stem}.{extension}"


if __name__ == "__main__":
    for interview in INTERVIEWS:
        for suffix, document in documents(interview):
            interview.with_suffix(f".{suffix}").write_bytes(document.encode())
