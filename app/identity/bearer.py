"""The Authorization header: which token, if any, a request carries."""

from app.domain.errors import AuthenticationRequired


def bearer_token(authorization: str | None) -> str:
    """The token in an Authorization header's value, which is None where the request has no such header (RFC 6750 §2.1).

    The scheme is written in any case (RFC 9110 §11.1). Whether the token is any good is not asked here.
    Raises AuthenticationRequired: no header, a blank one, another scheme, no token, or more than one.
    """
    if authorization is None:
        raise AuthenticationRequired
    scheme, _, rest = authorization.strip().partition(" ")
    token = rest.lstrip(" ")
    if scheme.lower() != "bearer" or token.split() != [token]:
        raise AuthenticationRequired
    return token
