"""Guides: what the scripted interviewer says, a YAML file a language, checked when it is loaded."""

from functools import cache
from importlib.resources import files
from typing import Annotated, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.domain.interview import Language

Data = TypeVar("Data", bound=BaseModel)


class GuideUnusable(Exception):
    """A guide, or a prompt, that cannot be used; names file, place and fault in one line."""


def _names_what_was_said(text: str) -> str:
    if "{said}" not in text or text.count("{") != 1:
        raise ValueError("the text should hold {said} once, and no other placeholder")
    return text


Line = Annotated[str, Field(min_length=1, max_length=1000)]
Echo = Annotated[Line, AfterValidator(_names_what_was_said)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Topic(_Part):
    """What is asked about one subject: `question` first, `more` where the answer was too short."""

    name: Line
    question: Line
    more: Echo


class Stop(_Part):
    """How people ask to stop: an answer that is one of `phrases`, words of `padding` left out."""

    phrases: tuple[Line, ...]
    padding: frozenset[Line]


class Closing(_Part):
    """The last words: after a whole interview, and after one that was stopped."""

    complete: Line
    stopped: Line


class Guide(_Part):
    """All that the scripted interviewer says in one language."""

    language: Language
    greeting: Line
    greeting_by_name: Line
    introduction: Line
    quotes: tuple[str, str]
    echoes: Annotated[tuple[Echo, ...], Field(min_length=1)]
    topics: Annotated[tuple[Topic, ...], Field(min_length=6, max_length=12)]
    enough_words: Annotated[int, Field(ge=1)]
    stop: Stop
    closing: Closing


@cache
def guide(language: Language) -> Guide:
    """The guide of a language. Raises GuideUnusable."""
    name = f"{language}.yaml"
    return parse_guide(name, files("app.interviewer").joinpath("guides", name).read_text(encoding="utf-8"))


def parse_guide(name: str, text: str) -> Guide:
    """A guide from the text of its file `name`. Raises GuideUnusable."""
    return parse(Guide, name, text)


def parse(kind: type[Data], name: str, text: str) -> Data:
    """A `kind` from the YAML text of its file `name`. Raises GuideUnusable."""
    try:
        return kind.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise GuideUnusable(f"{name} is no YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(step) for step in fault["loc"]) or "the whole"
        raise GuideUnusable(f"{name}, {place}: {fault['msg']}") from error
