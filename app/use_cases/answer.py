"""What a use case hands to its endpoint."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` and `meta` of a success. `replayed`: they were given before, under the same Idempotency-Key."""

    data: dict[str, Any]
    meta: dict[str, Any]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """JSON that PostgreSQL built, and the little that has to be known of it here."""

    json: bytes
    total: int = 1
