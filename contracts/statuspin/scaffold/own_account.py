"""Operations that take the caller away from the rest of a run: they delete its account, or end its session."""

import re

from statuspin.contract.document import Operation

_OWN = re.compile(
    r"(me|self|myself|my|own|current|account|profile|user|whoami)"
    r"|(my|own|current|self)[-_]?(user|account|profile)|(user|account)[-_]?(me|self|profile)"
)
_DELETES = re.compile(r"delete|close|deactivate|destroy|remove|cancel")
_SIGNS_OUT = re.compile(r"(log|sign)[-_]?(out|off)|revoke([-_]?token)?")
_SESSION = re.compile(r"session|token|login")
_NAMED = re.compile(r"(delete|remove|close|deactivate|destroy)_(me|self|my|own|current|account)(_.*)?|.*_me_delete")


def ends_caller(operation: Operation) -> bool:
    """Return whether an operation deletes the account of its caller, or signs it out."""
    segments = [segment.lower() for segment in operation.path.split("/") if segment]
    last = segments[-1] if segments else ""
    before = segments[-2] if len(segments) > 1 else ""
    if operation.method in ("head", "options", "trace"):
        return False
    if _SIGNS_OUT.fullmatch(last):
        return True
    if operation.method == "delete":
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-. ]", "_", operation.id).lower()
        is_own = bool(_OWN.fullmatch(last) or _SESSION.fullmatch(last))
        return is_own or ("{" not in operation.path and bool(_NAMED.fullmatch(name)))
    return operation.method != "get" and bool(_DELETES.fullmatch(last) and _OWN.fullmatch(before))
