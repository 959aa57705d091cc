"""Prompts: what a language model is told, a YAML file a language, checked when it is loaded."""

from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain.interview import Language
from app.interviewer.guide import Line, parse


class Prompt(BaseModel):
    """All that a language model is told in one language, and the words that we close with ourselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Language
    instructions: Annotated[str, Field(min_length=1, max_length=5000)]
    may_not_end: Line
    may_end: Line
    opening: Line
    closing: Line


@cache
def prompt(language: Language) -> Prompt:
    """The prompt of a language. Raises GuideUnusable."""
    name = f"{language}.yaml"
    text = files("app.interviewer.llm").joinpath("prompts", name).read_text(encoding="utf-8")
    return parse(Prompt, f"prompts/{name}", text)
