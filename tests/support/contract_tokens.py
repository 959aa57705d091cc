"""Print a tokens file for the actors of the contract, signed with the key of the service.

All actors but the strangers are in one organization, which is new in each run.
"""

import base64
import json
import sys
import time
from collections.abc import Callable
from uuid import UUID, uuid4

import jwt
import yaml

from app.domain.permissions import ROLES, Permission
from app.identity.issuing import TokenSubject, issue_token
from app.identity.jwks import ALGORITHM
from app.identity.signing_keys import SigningKey, load_or_create_keys
from app.settings import Settings

_KEY_DIR = Settings().key_dir


def create_tokens() -> dict[str, str]:
    """Return the token of each actor."""
    organization, owner = uuid4(), uuid4()
    admin = [str(permission) for permission in Permission]
    create_tokens = {
        "owner": _create_token(owner, organization),
        "moved": _create_token(owner, uuid4()),
        "colleague": _create_token(uuid4(), organization),
        "newcomer": _create_token(uuid4(), organization),
        "archivist": _create_token(uuid4(), organization),
        "manager": _create_token(uuid4(), organization, "manager", name="Mário Manager"),
        "admin": _create_token(uuid4(), organization, "admin"),
        "foreign admin": _create_token(uuid4(), uuid4(), "admin"),
        "another issuer": _create_token(owner, organization, settings=Settings(jwt_issuer="somebody-else")),
        "not yet valid": _create_token(owner, organization, clock=lambda: time.time() + 3000),
        "not before": _change(_create_token(owner, organization), nbf=int(time.time()) + 3000),
        "unknown key": _change(_create_token(owner, organization), header={"kid": "unknown"}),
        "other audiences": _change(_create_token(owner, organization), aud=["somebody-else", "another"]),
        "several audiences": _change(
            _create_token(owner, organization), aud=["somebody-else", Settings().jwt_audience]
        ),
        "expired": _create_token(owner, organization, lifetime=-5),
        "unsigned": _remove_signature(_create_token(owner, organization)),
        "other audience": _create_token(owner, organization, settings=Settings(jwt_audience="somebody-else")),
        "no employee": _create_token("robot", organization),  # type: ignore[arg-type]
    }
    for permission in Permission:
        name = f"without {permission.rpartition(':')[2]}"
        lacking = [each for each in admin if each != permission]
        create_tokens[name] = _create_token(uuid4(), organization, "admin", permissions=lacking)
    return create_tokens


def _create_token(
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
        _signing_key(),
        settings or Settings(),
        lifetime=lifetime,
        clock=clock,
    )


def _signing_key() -> SigningKey:
    return load_or_create_keys(_KEY_DIR)[-1]


def _change(token: str, *, header: dict[str, str] | None = None, **changes: object) -> str:
    """Return the token with other claims or header fields, signed again."""
    key = _signing_key()
    payload = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(
        {**payload, **changes}, key.private, algorithm=ALGORITHM, headers={"kid": key.kid, **(header or {})}
    )


def _remove_signature(token: str) -> str:
    """Return the token with `alg: none` and without a signature."""
    header, claims, _ = token.split(".")
    values = json.loads(base64.urlsafe_b64decode(header + "=="))
    unsigned = base64.urlsafe_b64encode(json.dumps({**values, "alg": "none"}).encode()).decode().rstrip("=")
    return f"{unsigned}.{claims}."


if __name__ == "__main__":
    yaml.safe_dump(create_tokens(), sys.stdout)
