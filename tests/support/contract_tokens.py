"""Prints a tokens file for the actors of the contract, signed with the service's own key.

Everybody but the strangers is of one organization, new in each run.
"""

import base64
import json
import sys
import time
from collections.abc import Callable
from uuid import UUID, uuid4

import yaml

from app.domain.permissions import ROLES, Permission
from app.identity.signing_keys import SigningKey, load_or_create_keys
from app.identity.tokens import TokenSubject, issue_token
from app.settings import Settings

_KEYS = Settings().key_dir


def tokens() -> dict[str, str]:
    """Actor to token."""
    organization, owner = uuid4(), uuid4()
    admin = [str(permission) for permission in Permission]
    found = {
        "owner": _token(owner, organization),
        "moved": _token(owner, uuid4()),
        "colleague": _token(uuid4(), organization),
        "newcomer": _token(uuid4(), uuid4()),
        "archivist": _token(uuid4(), organization),
        "manager": _token(uuid4(), organization, "manager", name="Mário Manager"),
        "admin": _token(uuid4(), organization, "admin"),
        "foreign admin": _token(uuid4(), uuid4(), "admin"),
        "another issuer": _token(owner, organization, settings=Settings(jwt_issuer="somebody-else")),
        "not yet valid": _token(owner, organization, clock=lambda: time.time() + 3000),
        "expired": _token(owner, organization, lifetime=-5),
        "unsigned": _unsigned(_token(owner, organization)),
        "other audience": _token(owner, organization, settings=Settings(jwt_audience="somebody-else")),
        "no employee": _token("robot", organization),  # type: ignore[arg-type]
    }
    for permission in Permission:
        name = f"without {permission.rpartition(':')[2]}"
        lacking = [each for each in admin if each != permission]
        found[name] = _token(uuid4(), organization, "admin", permissions=lacking)
    return found


def _token(
    employee: UUID,
    organization: UUID,
    role: str = "employee",
    *,
    permissions: list[str] | None = None,
    lifetime: int = 3600,
    settings: Settings | None = None,
    name: str = "Núria Müller",
    clock: Callable[[], float] = time.time,
) -> str:
    return issue_token(
        TokenSubject(
            employee_id=employee,
            organization_id=organization,
            roles=[role],
            permissions=permissions or [str(each) for each in ROLES[role]],
            name=name,
            email="nuria@example.com",
            organization_name="Ação & Cía",
        ),
        _key(),
        settings or Settings(),
        lifetime=lifetime,
        clock=clock,
    )


def _key() -> SigningKey:
    return load_or_create_keys(_KEYS)[-1]


def _unsigned(token: str) -> str:
    """The token with `alg: none` and no signature."""
    header, claims, _ = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(header + "=="))
    none = base64.urlsafe_b64encode(json.dumps({**said, "alg": "none"}).encode()).decode().rstrip("=")
    return f"{none}.{claims}."


if __name__ == "__main__":
    yaml.safe_dump(tokens(), sys.stdout)
