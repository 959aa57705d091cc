"""Read guides: YAML files, one for each language, validated when they are loaded.

A guide file states its topics and what differs from the defaults of its language, which are in `languages/`. Mappings
are merged. The phrases that classify answers and the names of systems are added to those of the language. Everything
else takes the place of the default.
"""

from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from app.domain.interview import DEFAULT_GUIDE, Language
from app.interviewer.guide_model import AnswerPhrases, Guide, split_at_commas

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader in C is ten times as fast, and not part of every build of PyYAML."""

_ADDED = ("answers", "systems")
"""The entries of a guide whose phrases are added to those of its language."""

SHIPPED = files("app.interviewer").joinpath("guides")
"""The folder of the guides that come with the service."""

Model = TypeVar("Model", bound=BaseModel)


class InvalidGuide(Exception):
    """A guide or prompt is invalid. The message is one line: file, position and fault. faults: all of them."""

    def __init__(self, *faults: str) -> None:
        super().__init__(faults[0])
        self.faults = faults


@cache
def load_guide(language: Language, name: str = DEFAULT_GUIDE) -> Guide:
    """Return a guide that comes with the service in one of its languages. Raises InvalidGuide."""
    file = f"{language}.yaml"
    return read_guide(SHIPPED.joinpath(name, file).read_text(encoding="utf-8"), f"{name}/{file}", language)


def read_guide(text: str, name: str, language: Language) -> Guide:
    """Return the guide in the YAML text of the file `name`, completed with the defaults of the language.

    Raises InvalidGuide.
    """
    own = _read_mapping(text, name)
    if own.get("language", language) != language:
        raise InvalidGuide(f"{name}, language: Input should be '{language}', as the name of the file says")
    merged = _merge(_load_defaults(language), own)
    if "answers" not in own:
        merged["answers"] = load_phrases(language)  # One classifier serves all guides with the same phrases.
    return _validate(Guide, name, merged)


@cache
def load_phrases(language: Language) -> AnswerPhrases:
    """Return the phrases that classify answers in a language, for guides that add none. Raises InvalidGuide."""
    return _validate(AnswerPhrases, f"languages/{language}.yaml", _load_defaults(language)["answers"])


def parse_yaml(model: type[Model], name: str, text: str) -> Model:
    """Return a `model` from the YAML text of the file `name`. Raises InvalidGuide."""
    return _validate(model, name, _load_yaml(text, name))


@cache
def _load_defaults(language: Language) -> dict[str, Any]:
    name = f"{language}.yaml"
    text = files("app.interviewer").joinpath("languages", name).read_text(encoding="utf-8")
    return _read_mapping(text, f"languages/{name}")


def _load_yaml(text: str, name: str) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise InvalidGuide(f"{name} is not YAML: {' '.join(str(error).split())}") from error


def _read_mapping(text: str, name: str) -> dict[str, Any]:
    content = _load_yaml(text, name)
    if not isinstance(content, dict):
        raise InvalidGuide(f"{name}, top level: Input should be a mapping with `language`, `title` and `topics`")
    return content


def _validate(model: type[Model], name: str, content: Any) -> Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        faults = [f"{name}, {_position(fault['loc'])}: {_line(fault['msg'])}" for fault in error.errors()]
        raise InvalidGuide(*faults) from error


def _position(steps: tuple[int | str, ...]) -> str:
    return ".".join(map(str, steps)) or "top level"


def _line(text: str) -> str:
    return " ".join(text.split())


def _merge(default: Any, own: Any, *, adds: bool = False) -> Any:
    if isinstance(default, dict) and isinstance(own, dict):
        return {
            **default,
            **{
                key: _merge(default[key], value, adds=adds or key in _ADDED) if key in default else value
                for key, value in own.items()
            },
        }
    if adds:
        default, own = split_at_commas(default), split_at_commas(own)
        if isinstance(default, list) and isinstance(own, list):
            return [*default, *own]
    return own
