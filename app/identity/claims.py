"""What a token must say (RFC 7519 §4), and the Caller that follows from it."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from app.domain.access import Caller
from app.domain.errors import InvalidToken, TokenExpired

NumericDate = Annotated[float, Field(allow_inf_nan=False, strict=True)]
"""Seconds since 1970, with or without fraction (RFC 7519 §2)."""

HyphenatedUuid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]

StoredText = Annotated[str, Field(max_length=255, pattern=r"^[^\x00]*$")]
"""Text that may end up in a column of 255 characters; PostgreSQL stores no NUL."""

_EXPIRY: TypeAdapter[float] = TypeAdapter(NumericDate)


class Claims(BaseModel):
    """The claims that the service goes by. Others are allowed; a claim of another type is refused, never converted."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    sub: HyphenatedUuid
    organization_id: HyphenatedUuid = Field(alias="organizationId")
    organization_name: StoredText | None = Field(None, alias="organizationName")
    name: StoredText | None = None
    email: StoredText | None = None
    roles: list[StoredText]
    permissions: list[str]
    iss: str
    aud: str | list[str]
    iat: NumericDate
    nbf: NumericDate = float("-inf")


def decoded(payload: bytes) -> dict[str, object]:
    """A token's payload as an object. Raises InvalidToken where it is none, holds NaN or text that is no Unicode."""
    try:
        claims = from_json(payload, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidToken("payload is not JSON") from error
    if not isinstance(claims, dict):
        raise InvalidToken("payload is not an object")
    return claims


def expiry(claims: dict[str, object], now: float) -> float:
    """When the token expires, in seconds since 1970. now: with leeway. Raises TokenExpired, InvalidToken."""
    try:
        expires_at = _EXPIRY.validate_python(claims.get("exp"))
    except ValidationError as error:
        raise InvalidToken("exp is no time") from error
    if now >= expires_at:
        raise TokenExpired
    return expires_at


def caller(claims: dict[str, object], *, issuer: str, audience: str, now: float) -> Caller:
    """Who asks. issuer, audience: what `iss` and `aud` must name. now: with leeway. Raises InvalidToken.

    Permissions that the service does not know are kept as they are.
    """
    try:
        known = Claims.model_validate(claims)
    except ValidationError as error:
        names = ", ".join(sorted({str(fault["loc"][0]) for fault in error.errors()}))
        raise InvalidToken(f"claims are missing or of the wrong type: {names}") from error
    if known.iss != issuer:
        raise InvalidToken("another issuer")
    if audience not in ([known.aud] if isinstance(known.aud, str) else known.aud):
        raise InvalidToken("another audience")
    if max(known.iat, known.nbf) > now:
        raise InvalidToken("not valid yet")
    employee_id, organization_id = UUID(known.sub), UUID(known.organization_id)
    return Caller(
        employee_id=employee_id,
        organization_id=organization_id,
        name=known.name or known.email or str(employee_id),
        organization_name=known.organization_name or str(organization_id),
        roles=tuple(known.roles),
        permissions=frozenset(known.permissions),
        claims=claims,
    )
