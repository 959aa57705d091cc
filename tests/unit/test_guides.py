"""Guides and prompts are complete in every language, and an invalid file is rejected with a clear error."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from app.domain.interview import DEFAULT_GUIDE, Language, Role
from app.interviewer.guide import InvalidGuide, load_guide, parse_yaml, read_guide
from app.interviewer.guide_schema import guide_schema, language_schema
from app.interviewer.library import GuideLibrary, read_guide_folder
from app.interviewer.llm.prompt import Prompt, load_prompt
from app.interviewer.phrases import InvalidPhrase, Lists, PhraseSet
from app.interviewer.protocol import Conversation, Turn
from app.interviewer.scripted import ScriptedInterviewer
from app.outcome.assemble import get_assembler
from app.outcome.document import Item, OtherItem, Outcome
from app.outcome.form import create_form, read_findings
from tests.support.command_line import CHECKOUT
from tests.support.guides import GUIDE

TOPICS = [
    "role",
    "process",
    "trigger",
    "steps",
    "inputs",
    "outputs",
    "systems",
    "people",
    "exceptions",
    "frequency",
    "pain",
    "improvement",
]
FILES = sorted([*CHECKOUT.glob("app/interviewer/guides/*/*.yaml"), *CHECKOUT.glob("app/interviewer/languages/*.yaml")])


@pytest.mark.parametrize("language", list(Language))
def test_a_guide_asks_about_every_topic_in_order(language: Language) -> None:
    guide = load_guide(language)

    assert guide.language == language
    assert [topic.name for topic in guide.topics] == TOPICS
    assert "{name}" in guide.greeting_by_name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("greeting: [", "en.yaml is not YAML"),
        ("[]", "en.yaml, top level"),
        ("language: en", "en.yaml, title: Field required"),
        ("language: es", "en.yaml, language: Input should be 'en', as the name of the file says"),
        (GUIDE + "reactions: {go_on: 1}", "en.yaml, reactions.go_on: Input should be a valid string"),
        (GUIDE + "reactions: {goon: x}", "en.yaml, reactions.goon: Extra inputs are not permitted"),
        (GUIDE + "greeting_by_name: Hello", "en.yaml, greeting_by_name: Value error, the text should contain {name}"),
        (GUIDE + "further_process: [goal]", "en.yaml, top level: Value error, further_process needs a topic with"),
        (GUIDE + "further_process: [gone]", "en.yaml, top level: Value error, further_process names `gone`"),
        (GUIDE + "answers: {stop: [<gone>]}", "en.yaml, answers: Value error, <gone> is not a list of this guide"),
        (GUIDE.replace("name: goal", "name: pain"), "en.yaml, top level: Value error, the topic `pain` is repeated"),
        (GUIDE.replace("section: pains", "section: gossip"), "en.yaml, topics.1.section: Input should be 'role'"),
    ],
)
def test_the_error_of_an_invalid_guide_names_file_and_place(text: str, says: str) -> None:
    with pytest.raises(InvalidGuide) as raised:
        read_guide(text, "en.yaml", Language.EN)

    assert str(raised.value).startswith(says)
    assert "\n" not in str(raised.value)


def test_a_guide_has_the_defaults_of_its_language_and_adds_its_own_phrases() -> None:
    own = "answers: {stop: basta ya}\nsystems: [kanban]\nclosing: {complete: Bye.}"
    guide = read_guide(GUIDE + own, "en.yaml", Language.EN)

    default = load_guide(Language.EN)
    assert (guide.greeting, guide.reactions) == (default.greeting, default.reactions)
    assert (guide.closing.complete, guide.closing.stopped) == ("Bye.", default.closing.stopped)
    assert guide.answers.stop == (*default.answers.stop, "basta ya")
    assert guide.systems == (*default.systems, "kanban")


@pytest.mark.parametrize(
    ("files", "faults"),
    [
        ({}, ["onboarding: a guide needs at least one of es.yaml, en.yaml, pt.yaml"]),
        ({"fr.yaml": GUIDE}, ["onboarding/fr.yaml: the file should be one of es.yaml, en.yaml, pt.yaml"]),
        ({"en.yaml": "[]", "pt.yaml": "["}, ["onboarding/en.yaml, top level: ", "onboarding/pt.yaml is not YAML: "]),
        ({"en.yaml": b"\xff"}, ["onboarding/en.yaml: the file is not UTF-8"]),
        (
            {"en.yaml": GUIDE, "es.yaml": GUIDE.replace("name: goal", "name: aim")},
            ["onboarding/en.yaml, topics: `goal` is where es.yaml has `aim`"],
        ),
        (
            {
                "en.yaml": GUIDE,
                "es.yaml": "\n".join([*GUIDE.splitlines(), GUIDE.splitlines()[-1].replace("name: pain", "name: more")]),
            },
            ["onboarding/en.yaml, topics: there should be as many as in es.yaml"],
        ),
    ],
)
def test_every_fault_of_a_folder_is_named(tmp_path: Path, files: dict[str, str | bytes], faults: list[str]) -> None:
    folder = tmp_path / "onboarding"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(InvalidGuide) as raised:
        read_guide_folder(folder)

    assert [fault[: len(start)] for fault, start in zip(raised.value.faults, faults, strict=True)] == faults


async def test_an_interview_follows_a_guide_of_an_organization(tmp_path: Path) -> None:
    (tmp_path / "onboarding").mkdir()
    (tmp_path / "onboarding" / "en.yaml").write_text(GUIDE + "answers: {stop: over and out}", encoding="utf-8")
    library = GuideLibrary(tmp_path)
    interviewer = ScriptedInterviewer(library)
    messages: list[Turn] = []
    for answer in ("I would like to know everybody by the end of the month.", "Over and out!"):
        reply = await interviewer.reply(Conversation(Language.EN, messages, "Ana", "onboarding"))
        messages += [Turn(Role.ASSISTANT, reply.question), Turn(Role.USER, answer)]

    last = await interviewer.reply(Conversation(Language.PT, messages, "Ana", "onboarding"))
    outcome = get_assembler(library.find("onboarding")).assemble(Conversation(Language.EN, messages, ""))

    assert messages[0].content == "Hello, Ana. Three short questions: What is your goal?"
    assert messages[2].content == "What is hard?"
    assert last.is_final
    assert "We talked about your goal. Still open: trouble." in last.question
    assert outcome.other_topics == (OtherItem("goal", "I would like to know everybody by the end of the month.", (2,)),)
    assert outcome.open_points == (Item("Trouble: not discussed", (4,)),)


async def test_an_extracted_outcome_has_the_topics_without_a_section(tmp_path: Path) -> None:
    (tmp_path / "onboarding").mkdir()
    (tmp_path / "onboarding" / "en.yaml").write_text(GUIDE, encoding="utf-8")
    guide = GuideLibrary(tmp_path).find("onboarding")
    messages = [Turn(Role.ASSISTANT, "What is your goal?"), Turn(Role.USER, "Knowing everybody.")]
    items = [{"topic": topic, "text": "knowing everybody", "messages": [2]} for topic in ("goal", "pay")]

    findings = create_form(guide, Language.EN).model_validate({"other_topics": items})

    assert read_findings(findings, guide, messages) == (
        Outcome(other_topics=(OtherItem("goal", "Knowing everybody", (2,)),)),
        1,
    )


def test_a_guide_that_is_gone_is_replaced_by_the_default() -> None:
    assert GuideLibrary().find("gone").name == DEFAULT_GUIDE


@pytest.mark.parametrize(
    ("file", "schema"),
    [("guides/guide.schema.json", guide_schema), ("languages/language.schema.json", language_schema)],
)
def test_the_schema_beside_the_guides_is_current(file: str, schema: Callable[[], dict[str, Any]]) -> None:
    stored = json.loads((CHECKOUT / "app/interviewer" / file).read_text(encoding="utf-8"))

    assert stored == schema(), f"write {file} with `python -m app guide schema`"
    Draft202012Validator.check_schema(stored)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_a_shipped_file_is_valid_for_the_schema_that_it_names(path: Path) -> None:
    line = path.read_text(encoding="utf-8").splitlines()[1]
    schema = path.parent / line.removeprefix("# yaml-language-server: $schema=")

    Draft202012Validator(json.loads(schema.read_text())).validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("<missing>", "<missing> is not a list of this guide, or contains itself"),
        ("<ring>", "<ring> is not a list of this guide, or contains itself"),
        ("please?", "`please?` may have no words"),
        ("e-mail|fax", "`e-mail|fax` should have one word between two bars"),
    ],
)
def test_the_error_of_an_invalid_phrase_names_it(phrase: str, says: str) -> None:
    with pytest.raises(InvalidPhrase, match=re.escape(says)):
        PhraseSet([phrase], Lists({"ring": ["<ring> again"]}))


@pytest.mark.parametrize("language", list(Language))
def test_a_prompt_names_the_members_of_the_reply(language: Language) -> None:
    prompt = load_prompt(language)

    assert prompt.language == language
    assert "corrected_response" in prompt.instructions
    assert "is_final" in prompt.may_end
    assert "is_final" not in prompt.may_not_end


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("opening: [", "prompts/en.yaml is not YAML"),
        ("language: en", "prompts/en.yaml, instructions: Field required"),
        ("language: xx", "prompts/en.yaml, language: Input should be 'es', 'en' or 'pt'"),
    ],
)
def test_the_error_of_an_invalid_prompt_names_file_and_place(text: str, says: str) -> None:
    with pytest.raises(InvalidGuide) as raised:
        parse_yaml(Prompt, "prompts/en.yaml", text)

    assert str(raised.value).startswith(says)
    assert "\n" not in str(raised.value)
