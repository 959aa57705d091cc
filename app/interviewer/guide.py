"""Guides: the texts of the scripted interviewer, one YAML file per language, validated when loaded."""

from functools import cache
from importlib.resources import files
from typing import Annotated, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.domain.interview import Language

Model = TypeVar("Model", bound=BaseModel)


class InvalidGuide(Exception):
    """A guide or prompt is invalid. The message is one line: file, position and fault."""


def _require_placeholder(text: str) -> str:
    if "{said}" not in text or text.count("{") != 1:
        raise ValueError("the text should contain {said} once, and no other placeholder")
    return text


Line = Annotated[str, Field(min_length=1, max_length=1000)]
Echo = Annotated[Line, AfterValidator(_require_placeholder)]


class _GuidePart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Topic(_GuidePart):
    """The questions on one topic: `question` first, then `more` if the answer was too short."""

    name: Line
    question: Line
    more: Echo


class Stop(_GuidePart):
    """How people ask to stop: an answer that equals one of `phrases` after the words of `padding` are removed."""

    phrases: tuple[Line, ...]
    padding: frozenset[Line]


class ClosingLines(_GuidePart):
    """The last message of a complete interview, and of one that the interviewee stopped."""

    complete: Line
    stopped: Line


class Guide(_GuidePart):
    """The texts of the scripted interviewer in one language."""

    language: Language
    greeting: Line
    greeting_by_name: Line
    introduction: Line
    quotes: tuple[str, str]
    echoes: Annotated[tuple[Echo, ...], Field(min_length=1)]
    topics: Annotated[tuple[Topic, ...], Field(min_length=6, max_length=12)]
    enough_words: Annotated[int, Field(ge=1)]
    stop: Stop
    closing: ClosingLines


@cache
def load_guide(language: Language) -> Guide:
    """Return the guide of a language. Raises InvalidGuide."""
    name = f"{language}.yaml"
    return parse_yaml(Guide, name, files("app.interviewer").joinpath("guides", name).read_text(encoding="utf-8"))


def parse_yaml(model: type[Model], name: str, text: str) -> Model:
    """Return a `model` from the YAML text of the file `name`. Raises InvalidGuide."""
    try:
        return model.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise InvalidGuide(f"{name} is not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        position = ".".join(str(step) for step in fault["loc"]) or "top level"
        raise InvalidGuide(f"{name}, {position}: {fault['msg']}") from error
