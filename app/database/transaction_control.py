"""Recognize statements that begin, end or change a transaction. Only UnitOfWork does that (requirement 6.4)."""

import re
from functools import lru_cache

_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*(?:\n|\Z)", re.DOTALL)
_CONTROL = re.compile(
    r"""(?P<savepoint>SAVEPOINT|RELEASE|ROLLBACK\s+(?:(?:WORK|TRANSACTION)\s+)?TO)\b
    |(?:BEGIN|COMMIT|END|ROLLBACK|ABORT|START\s+TRANSACTION|PREPARE\s+TRANSACTION)\b
    |SET\s+(?:LOCAL\s+|SESSION\s+)?(?:TRANSACTION\b|transaction_|CHARACTERISTICS\b)""",
    re.IGNORECASE | re.VERBOSE,
)


class TransactionControl(RuntimeError):
    """A use case sent a statement that controls the transaction (requirement 6.4)."""


@lru_cache(maxsize=2048)
def find_transaction_control(query: str) -> str | None:
    """Return "transaction" or "savepoint" if the statement controls one, otherwise None."""
    text = _COMMENT.sub(" ", query).lstrip(" \t\r\n\f;")
    match = _CONTROL.match(text)
    if match is None:
        return None
    return "savepoint" if match["savepoint"] else "transaction"
