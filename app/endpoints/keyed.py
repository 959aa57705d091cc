"""Operations that take an Idempotency-Key."""

from hashlib import sha256

from pydantic import BaseModel
from starlette.requests import Request

from app.envelope import Envelope, success
from app.inputs.reading import idempotency_key
from app.settings import Settings
from app.use_cases.answer import Answer
from app.use_cases.idempotency import IdempotencyKey


def keyed(request: Request, operation: str, wanted: BaseModel, settings: Settings) -> IdempotencyKey | None:
    """The request's key, if it has one. Raises InvalidInput.

    Two bodies are the same where they mean the same: order of members, white space and unknown members do not count.
    """
    key = idempotency_key(request)
    if key is None:
        return None
    fingerprint = sha256(wanted.model_dump_json().encode()).digest()
    return IdempotencyKey(key, operation, fingerprint, settings.idempotency_hours)


def once(message: str, answer: Answer) -> Envelope:
    """The success of an operation that takes a key; says so where it was given before."""
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else None
    return success(message, answer.data, answer.meta, headers)
