"""Guides and prompts are complete in every language, and an invalid file is rejected with a clear error."""

import re

import pytest

from app.domain.interview import Language
from app.interviewer.guide import Guide, InvalidGuide, load_guide, parse_yaml
from app.interviewer.llm.prompt import Prompt, load_prompt
from app.interviewer.phrases import InvalidPhrase, Lists, PhraseSet

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
        ("language: en", "en.yaml, greeting: Field required"),
        ("language: xx", "en.yaml, language: Input should be 'es', 'en' or 'pt'"),
    ],
)
def test_the_error_of_an_invalid_guide_names_file_and_place(text: str, says: str) -> None:
    with pytest.raises(InvalidGuide) as raised:
        parse_yaml(Guide, "en.yaml", text)

    assert str(raised.value).startswith(says)
    assert "\n" not in str(raised.value)


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
