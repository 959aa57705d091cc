"""Guides and prompts are data: complete, alike in every language, and refused with a clear word where they are not."""

import pytest

from app.domain.interview import Language
from app.interviewer.guide import Guide, InvalidGuide, load_guide, parse_yaml
from app.interviewer.llm.prompt import Prompt, load_prompt

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
    told = load_guide(language)

    assert told.language == language
    assert [topic.name for topic in told.topics] == TOPICS
    assert "{name}" in told.greeting_by_name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("greeting: [", "en.yaml is not YAML"),
        ("[]", "en.yaml, top level"),
        ("language: en", "en.yaml, greeting: Field required"),
        ("language: xx", "en.yaml, language: Input should be 'es', 'en' or 'pt'"),
    ],
)
def test_an_unusable_guide_is_refused_naming_file_and_place(text: str, says: str) -> None:
    with pytest.raises(InvalidGuide) as refusal:
        parse_yaml(Guide, "en.yaml", text)

    assert str(refusal.value).startswith(says)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("language", list(Language))
def test_a_prompt_names_the_members_that_the_model_fills_in(language: Language) -> None:
    told = load_prompt(language)

    assert told.language == language
    assert "corrected_response" in told.instructions
    assert "is_final" in told.may_end
    assert "is_final" not in told.may_not_end


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("opening: [", "prompts/en.yaml is not YAML"),
        ("language: en", "prompts/en.yaml, instructions: Field required"),
        ("language: xx", "prompts/en.yaml, language: Input should be 'es', 'en' or 'pt'"),
    ],
)
def test_an_unusable_prompt_is_refused_naming_file_and_place(text: str, says: str) -> None:
    with pytest.raises(InvalidGuide) as refusal:
        parse_yaml(Prompt, "prompts/en.yaml", text)

    assert str(refusal.value).startswith(says)
    assert "\n" not in str(refusal.value)
