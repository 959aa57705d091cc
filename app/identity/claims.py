"""The claims that a token must have (RFC 7519, section 4), and the caller that they describe."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from app.domain.access import Caller
from app.domain.errors import InvalidToken, TokenExpired

NumericDate = Annotated[float, Field(allow_inf_nan=False, strict=True)]
"""Seconds since 1970, may have a fraction (RFC 7519, section 2)."""

HyphenatedUuid = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]

StoredText = Annotated[str, Field(max_length=255, pattern=r"^[^\x00]*$")]
"""Text that fits into a column of 255 characters. PostgreSQL cannot store NUL."""

_EXPIRY: TypeAdapter[float] = TypeAdapter(NumericDate)


class Claims(BaseModel):
    """The claims that the service uses. Other claims are ignored. A value of the wrong type is never converted."""

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


def decode_claims(payload: bytes) -> dict[str, object]:
    """Decode the payload of a token. Raises InvalidToken if it is not a JSON object in valid UTF-8, or contains NaN."""
    try:
        claims = from_json(payload, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidToken("payload is not JSON") from error
    if not isinstance(claims, dict):
        raise InvalidToken("payload is not an object")
    return claims


def check_expiry(claims: dict[str, object], now: float) -> float:
    """Return the expiry time in seconds since 1970. Raises TokenExpired, and InvalidToken if `exp` is not a number.

    now: seconds since 1970, minus the leeway.
    """
    try:
        expires_at = _EXPIRY.validate_python(claims.get("exp"))
    except ValidationError as error:
        raise InvalidToken("exp is missing or not a number") from error
    if now >= expires_at:
        raise TokenExpired
    return expires_at


def create_caller(claims: dict[str, object], *, issuer: str, audience: str, now: float) -> Caller:
    """Validate the claims and return the caller that they describe. Raises InvalidToken.

    issuer, audience: required in `iss` and `aud`. now: seconds since 1970, plus the leeway.

    Permissions that the service does not know are kept.
    """
    try:
        validated = Claims.model_validate(claims)
    except ValidationError as error:
        names = ", ".join(sorted({str(each["loc"][0]) for each in error.errors()}))
        raise InvalidToken(f"claims are missing or of the wrong type: {names}") from error
    if validated.iss != issuer:
        raise InvalidToken("wrong issuer")
    if audience not in ([validated.aud] if isinstance(validated.aud, str) else validated.aud):
        raise InvalidToken("wrong audience")
    if max(validated.iat, validated.nbf) > now:
        raise InvalidToken("not valid yet")
    employee_id, organization_id = UUID(validated.sub), UUID(validated.organization_id)
    return Caller(
        employee_id=employee_id,
        organization_id=organization_id,
        name=validated.name or validated.email or str(employee_id),
        organization_name=validated.organization_name or str(organization_id),
        roles=tuple(validated.roles),
        permissions=frozenset(validated.permissions),
        claims=claims,
    )
