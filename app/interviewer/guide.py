"""Guides: the texts of the scripted interviewer, one YAML file per language, validated when loaded."""

import re
from functools import cache
from importlib.resources import files
from typing import Annotated, Self, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from app.domain.interview import Language
from app.interviewer.phrases import Lists, PhraseSet

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader in C is ten times as fast, and not part of every build of PyYAML."""

Model = TypeVar("Model", bound=BaseModel)


class InvalidGuide(Exception):
    """A guide or prompt is invalid. The message is one line: file, position and fault."""


def _require(*names: str) -> AfterValidator:
    """Return a validator that requires each placeholder once, and no other."""

    def check(text: str) -> str:
        if sorted(re.findall(r"\{(.*?)\}", text)) != sorted(names):
            raise ValueError(
                f"the text should contain {' and '.join(f'{{{name}}}' for name in names)} once, and no more"
            )
        return text

    return AfterValidator(check)


def _split_at_commas(phrases: object) -> object:
    return [phrase.strip() for phrase in phrases.split(",")] if isinstance(phrases, str) else phrases


Line = Annotated[str, Field(min_length=1, max_length=1000)]
Phrases = Annotated[tuple[Line, ...], BeforeValidator(_split_at_commas)]
"""Phrases as `phrases.py` describes them: a list, or one text with commas between them."""


class _GuidePart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Topic(_GuidePart):
    """The texts on one topic.

    label: the topic as the closing message names it.
    question, more, explanation, example: asked first; after a short answer; if the interviewee asks back; and if the
    interviewee does not know.
    others: asked in place of `question` if earlier answers named systems.
    asked_by: phrases of a question on the topic that is not from the guide.
    enough_words: an answer with fewer words is short.
    covered_by: groups of phrases. An answer to an earlier question covers the topic if it has a phrase of every group.
    """

    name: Line
    label: Line
    asked_by: Phrases
    question: Line
    more: Line
    explanation: Line
    example: Line
    others: Annotated[Line, _require("said")] | None = None
    enough_words: Annotated[int, Field(ge=1)] = 4
    covered_by: tuple[Phrases, ...] = ()


class AnswerPhrases(_GuidePart):
    """The phrases that classify answers. README.md of this package describes each group."""

    lists: dict[str, Phrases]
    padding: Phrases
    fillers: Phrases
    polite: Phrases
    starters: Phrases
    hedges: Phrases
    conditions: Phrases
    objections: Phrases
    negations: Phrases
    stop: Phrases
    leave: Phrases
    enough: Phrases
    unsure: Phrases
    reasons: Phrases
    go_on: Phrases
    yes: Phrases
    no: Phrases
    unknown: Phrases
    declines: Phrases
    already_said: Phrases
    asks_back: Phrases
    off_topic: Phrases
    asks_for_language: Phrases
    several: Phrases
    ordinals: Phrases
    conjunctions: Phrases
    common_words: Phrases

    @model_validator(mode="after")
    def _check(self) -> Self:
        lists = Lists(self.lists)
        for group in type(self).model_fields:
            phrases = getattr(self, group)
            PhraseSet(phrases if isinstance(phrases, tuple) else [f"<{name}>" for name in phrases], lists)
        return self


class Reactions(_GuidePart):
    """What the guide says before it asks again or goes on."""

    confirm_stop: Line
    go_on: Line
    open_point: Line
    left_out: Line
    already_said: Line
    back_to_work: Line
    in_this_language: Line
    choose: Annotated[Line, _require("items")]
    next_process: Annotated[Line, _require("item")]
    begin_process: Annotated[Line, _require("item")]


class ClosingLines(_GuidePart):
    """The last message of a complete interview, of one that the interviewee stopped, and what both add."""

    complete: Line
    stopped: Line
    covered: Annotated[Line, _require("topics")]
    left_open: Annotated[Line, _require("topics")]


class OutcomeLines(_GuidePart):
    """The headings and lines of the outcome document, and the phrases that split an answer into its items.

    sections: the heading of each section. lead_ins: left out before an item, such as `I need`.
    continuations: begin a clause about the item before, such as `who`.
    role_lead_ins: precede the name of a role, such as `I am`; role_verbs: begin a sentence that names none.
    markers: begin a step, such as `and then`; no_markers: similar phrases that do not.
    """

    title: Line
    sections: dict[str, Line]
    message: Line
    messages: Line
    nothing: Line
    process: Line
    flowchart: Line
    begin: Line
    end: Line
    not_asked: Annotated[Line, _require("topic")]
    not_known: Annotated[Line, _require("topic")]
    not_answered: Annotated[Line, _require("topic")]
    not_discussed: Annotated[Line, _require("topic")]
    someone: Line
    story: Annotated[Line, _require("role", "wish")]
    solve: Annotated[Line, _require("role", "pain")]
    criteria: Line
    criterion: Annotated[Line, _require("pain")]
    lead_ins: Phrases
    continuations: Phrases
    role_lead_ins: Phrases
    role_verbs: Phrases
    markers: Phrases
    no_markers: Phrases


class Guide(_GuidePart):
    """The texts of the scripted interviewer in one language.

    further_process: the names of the topics that are asked about a further process.
    systems: names of systems and kinds of files. One with a capital is also a word, and only found with its capital.
    """

    language: Language
    greeting: Line
    greeting_by_name: Line
    introduction: Line
    echoes: Annotated[tuple[Annotated[Line, _require("said")], ...], Field(min_length=1)]
    topics: Annotated[tuple[Topic, ...], Field(min_length=6, max_length=12)]
    further_process: tuple[Line, ...]
    systems: Phrases
    conjunction: Line
    reactions: Reactions
    closing: ClosingLines
    outcome: OutcomeLines
    answers: AnswerPhrases


@cache
def load_guide(language: Language) -> Guide:
    """Return the guide of a language. Raises InvalidGuide."""
    name = f"{language}.yaml"
    return parse_yaml(Guide, name, files("app.interviewer").joinpath("guides", name).read_text(encoding="utf-8"))


def parse_yaml(model: type[Model], name: str, text: str) -> Model:
    """Return a `model` from the YAML text of the file `name`. Raises InvalidGuide."""
    try:
        return model.model_validate(yaml.load(text, _Loader))  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise InvalidGuide(f"{name} is not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        position = ".".join(str(step) for step in fault["loc"]) or "top level"
        raise InvalidGuide(f"{name}, {position}: {fault['msg']}") from error
