"""The processes that an interview has named so far, as its row stores them and its export shows them."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from pydantic_core import from_json, to_json

from app.context.source import ProcessMatch


def merge_references(stored: str, matches: Iterable[ProcessMatch]) -> str:
    """Return the stored JSON array with the matches. A process is there once, with its highest confidence."""
    references: dict[str, dict[str, Any]] = {each["process_id"]: each for each in from_json(stored)}
    for match in matches:
        earlier = references.get(match.process_id)
        if earlier is None or earlier["confidence"] < match.confidence:
            references[match.process_id] = asdict(match)
    return to_json(list(references.values())).decode()
