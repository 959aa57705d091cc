"""JSON schemas of guides, for editors with a YAML language server."""

from typing import Any

from app.interviewer.guide_model import Guide

_OWN = ("title", "introduction", "topics")
"""The entries that have no default, so each guide states them."""


def guide_schema() -> dict[str, Any]:
    """Return the JSON schema of a guide, which may leave out all that its language has a default for."""
    schema = _schema("Guide")
    schema["required"] = list(_OWN)
    for name, part in schema["$defs"].items():
        if name != "Topic":
            part.pop("required", None)
    return schema


def language_schema() -> dict[str, Any]:
    """Return the JSON schema of the defaults of a language."""
    schema = _schema("Defaults of a language")
    for name in (*_OWN, "further_process"):
        del schema["properties"][name]
    schema["required"] = list(schema["properties"])
    return schema


def _schema(title: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Guide.model_json_schema(),
        "title": title,
    }
