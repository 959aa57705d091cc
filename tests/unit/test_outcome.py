"""The outcome of whole interviews, as an analyst reads it: `outcome/<language>-<name>.yaml` has the answers of each.

`python -m tests.unit.test_outcome` writes the documents. Read them before you commit them.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

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
EARLY = [
    pytest.param(Language(file.stem), case, id=f"{file.stem}: {case['answer']}")
    for file in sorted(Path(__file__).with_name("early_descriptions").glob("*.yaml"))
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]
INTERVIEWS = sorted(FOLDER.glob("*.yaml"))


def hold_interview(file: Path) -> tuple[str, Language, list[Turn]]:
    """Return the guide, the language and the messages of an interview with the answers of the file."""
    script = yaml.safe_load(file.read_text(encoding="utf-8"))
    guide, language = script.get("guide", DEFAULT_GUIDE), Language(script["language"])
    return guide, language, converse(script["answers"], language, guide)


def converse(answers: list[str], language: Language, guide: str = DEFAULT_GUIDE) -> list[Turn]:
    """Return the messages of an interview with the answers, until it ends."""
    interviewer = ScriptedInterviewer()
    messages: list[Turn] = []
    for answer in [None, *answers]:
        if answer is not None:
            messages.append(Turn(Role.USER, answer))
        reply = asyncio.run(interviewer.reply(Conversation(language, messages, "Ana", guide)))
        messages.append(Turn(Role.ASSISTANT, reply.question))
        if reply.is_final:
            break
    return messages


def documents(file: Path) -> Iterator[tuple[str, str]]:
    name, language, messages = hold_interview(file)
    guide = shipped_library().find(name)
    outcome = get_assembler(guide).assemble(Conversation(language, messages, ""))
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


STOPS = {
    Language.EN: "can we stop here please, I have a meeting",
    Language.ES: "podemos parar aquí, tengo una reunión",
    Language.PT: "podemos parar por aqui, tenho uma reunião",
}


@pytest.mark.parametrize(("language", "case"), EARLY)
def test_a_process_that_the_first_answer_describes_is_no_role_and_no_open_point(
    language: Language, case: dict[str, Any]
) -> None:
    messages = converse([case["answer"], STOPS[language]], language)

    outcome = get_assembler(shipped_library().find(DEFAULT_GUIDE)).assemble(Conversation(language, messages, ""))

    sections = {name: getattr(outcome, name) for name in ("role", "processes", "steps", "systems")}
    assert {name: [item.text for item in items] for name, items in sections.items()} == case["outcome"]
    check_open_points(messages, language, DEFAULT_GUIDE)


@pytest.mark.parametrize("file", INTERVIEWS, ids=lambda file: file.stem)
def test_the_open_points_are_those_of_the_closing_message(file: Path) -> None:
    name, language, messages = hold_interview(file)
    answers = [turn.content for turn in messages if turn.role is Role.USER]
    check_open_points(messages, language, name)
    for count in range(1, len(answers)):
        check_open_points(converse([*answers[:count], STOPS[language]], language, name), language, name)
    check_open_points(converse([f"{answers[0]} {STOPS[language].capitalize()}."], language, name), language, name)


def check_open_points(messages: list[Turn], language: Language, name: str) -> None:
    """Assert that a topic is open if it has no items, and that the closing message names the open topics."""
    guide = shipped_library().find(name)
    outcome = asdict(get_assembler(guide).assemble(Conversation(language, messages, "")))
    points = [point["text"] for point in outcome["open_points"]]
    texts = guide.texts(language)
    opened = [
        topic for topic in texts.topics if any(point.lower().startswith(f"{topic.label}: ".lower()) for point in points)
    ]
    assert [topic.name for topic in opened if topic.section and outcome[topic.section]] == []
    closing = messages[-1].content
    if texts.closing.covered.partition("{")[0] not in closing:  # The message names no topic if there was no answer.
        assert opened == list(texts.topics)
        return
    left_open = closing.partition(texts.closing.left_open.partition("{")[0])[2]
    assert [topic.name for topic in opened] == [topic.name for topic in texts.topics if topic.label in left_open]


if __name__ == "__main__":
    for interview in INTERVIEWS:
        for suffix, document in documents(interview):
            interview.with_suffix(f".{suffix}").write_bytes(document.encode())
