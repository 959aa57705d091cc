"""Prompts: the texts for a language model, one YAML file per language, validated when loaded."""

from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.domain.interview import Language
from app.interviewer.guide import parse_yaml
from app.interviewer.guide_model import Line


class Prompt(BaseModel):
    """The texts for a language model in one language. `closing` is sent to the interviewee, not to the model.

    `{task}` in the instructions becomes the task that the guide states, and `{members}` the members of the form.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Language
    instructions: Annotated[str, Field(min_length=1, max_length=5000, pattern=r"\{task\}")]
    may_not_end: Line
    may_end: Line
    opening: Line
    closing: Line
    extract: Annotated[str, Field(min_length=1, max_length=5000, pattern=r"\{task\}[\s\S]*\{members\}")]


@cache
def load_prompt(language: Language) -> Prompt:
    """Return the prompt of a language. Raises InvalidGuide."""
    name = f"{language}.yaml"
    text = files("app.interviewer.llm").joinpath("prompts", name).read_text(encoding="utf-8")
    return parse_yaml(Prompt, f"prompts/{name}", text)
