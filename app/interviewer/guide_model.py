"""The parts of a guide: the texts and phrases with which the scripted interviewer asks in one language."""

import re
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.domain.interview import Language
from app.interviewer.phrases import Lists, PhraseSet

Section = Literal[
    "role", "processes", "goals", "users", "features", "trigger", "steps", "inputs", "outputs", "systems", "people",
    "exceptions", "volumes", "constraints", "quality", "pains", "wishes",
]  # fmt: skip
"""The sections of an outcome that the answers to one topic fill."""


def _require(*names: str) -> AfterValidator:
    """Return a validator that requires each placeholder once, and no other."""

    def check(text: str) -> str:
        if sorted(re.findall(r"\{(.*?)\}", text)) != sorted(names):
            raise ValueError(
                f"the text should contain {' and '.join(f'{{{name}}}' for name in names)} once, and no more"
            )
        return text

    return AfterValidator(check)


def split_at_commas(phrases: object) -> object:
    """Return the phrases of one text with commas as a list. A list is returned unchanged."""
    return [phrase.strip() for phrase in phrases.split(",")] if isinstance(phrases, str) else phrases


Line = Annotated[str, Field(min_length=1, max_length=1000)]
Phrases = Annotated[tuple[Line, ...], BeforeValidator(split_at_commas, json_schema_input_type=str | list[str])]
"""Phrases as `phrases.py` describes them: a list, or one text with commas between them."""


class _GuidePart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Topic(_GuidePart):
    """The texts on one topic.

    label: the topic as the closing message names it.
    section: the section of the outcome that the answers fill. Without one, they are in `other_topics`.
    question, more, explanation, example: asked first; after a short answer; if the interviewee asks back; and if the
    interviewee does not know.
    others: asked in place of `question` if earlier answers named systems, or known roles if the section is `people`.
    asked_by: phrases of a question on the topic that is not from the guide.
    enough_words: an answer with fewer words is short.
    covered_by: groups of phrases. An answer to an earlier question covers the topic if it has a phrase of every group.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    label: Line
    section: Section | None = None
    asked_by: Phrases = ()
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


class TechnicalLevelRule(_GuidePart):
    """How technical an interviewee is: `basic`, `intermediate` or `advanced`, by the terms that the answers use.

    min_words: with fewer words in all answers, the level is not known. intermediate, advanced: the number of different
    terms from which on the interviewee has that level.
    """

    min_words: Annotated[int, Field(ge=1)]
    intermediate: Annotated[int, Field(ge=1)]
    advanced: Annotated[int, Field(ge=1)]
    terms: Phrases


class OutcomeLines(_GuidePart):
    """The headings and lines of the outcome document, and the phrases that split an answer into its items.

    sections: the heading of each section. lead_ins: left out before an item, such as `I need`.
    continuations: begin a clause about the item before, such as `who`.
    role_lead_ins: precede the name of a role, such as `I am`; role_verbs: begin a sentence that names none.
    markers: begin a step, such as `and then`; no_markers: similar phrases that do not.
    triggers: begin what sets off the steps, such as `when`; articles: precede a name, such as `the`.
    process_lead_ins: precede the name of a process that an answer describes, such as `we handle`; no_processes: begin
    an introduction to the steps that names none, such as `like this`.
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
    triggers: Phrases = ()
    articles: Phrases = ()
    process_lead_ins: Phrases = ()
    no_processes: Phrases = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = {*get_args(Section), "open_points", "user_stories"} - set(self.sections)
        if missing:
            raise ValueError(f"sections should name {', '.join(sorted(missing))}")
        return self


class Guide(_GuidePart):
    """The texts of the scripted interviewer in one language.

    title: the guide's name for people. task: the task of a language model; `{topics}` becomes the labels.
    further_process: the names of the topics that are asked about a further process. If it is empty, the guide does not
    ask which process to begin with.
    systems: names of systems and kinds of files. One with a capital is also a word, and only found with its capital.
    """

    language: Language
    title: Line
    task: Line
    greeting: Line
    greeting_by_name: Annotated[Line, _require("name")]
    introduction: Line
    echoes: Annotated[tuple[Annotated[Line, _require("said")], ...], Field(min_length=1)]
    topics: Annotated[tuple[Topic, ...], Field(min_length=2, max_length=40)]
    further_process: tuple[str, ...] = ()
    systems: Phrases
    conjunction: Line
    reactions: Reactions
    closing: ClosingLines
    technical_level: TechnicalLevelRule
    outcome: OutcomeLines
    answers: AnswerPhrases

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [topic.name for topic in self.topics]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the topic `{name}` is repeated")
        for name in set(self.further_process) - set(names):
            raise ValueError(f"further_process names `{name}`, which is no topic")
        if self.further_process and self.process_topic is None:
            raise ValueError("further_process needs a topic with `section: processes`")
        lists = Lists(self.answers.lists)
        for topic in self.topics:
            for group in (topic.asked_by, *topic.covered_by):
                PhraseSet(group, lists)
        for phrases in (self.systems, self.technical_level.terms):
            PhraseSet(phrases, lists)
        return self

    @property
    def process_topic(self) -> Topic | None:
        """The topic that asks which processes there are, if the guide has one."""
        return next((topic for topic in self.topics if topic.section == "processes"), None)

    def find_topics(self, *sections: Section) -> frozenset[str]:
        """Return the names of the topics that fill one of the sections."""
        return frozenset(topic.name for topic in self.topics if topic.section in sections)
