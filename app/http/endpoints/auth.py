"""POST /auth/login, GET /auth/jwks and GET /auth/me. With an external issuer, only `me` is available."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from app.domain.errors import InvalidCredentials
from app.http.endpoint import Endpoint, Handler
from app.http.envelope import success
from app.http.errors import PathNotFound
from app.http.request import read_body
from app.http.schemas import LoginRequest
from app.identity.issuing import TokenSubject, issue_token
from app.identity.passwords import verify_password
from app.identity.tokens import token_time
from app.state import LocalIssuer
from app.use_cases.accounts import find_account, record_login

MAX_LOGIN_BODY_SIZE = 64 * 1024
"""Bytes. Anyone can send a login, so its body is bounded more tightly than others."""


class _IssuerEndpoint(Endpoint):
    """A path of the local issuer. With an external issuer it is a 404 for every method."""

    def handler(self, method: str) -> Handler:
        """Return the handler of an HTTP method. Raises PathNotFound and MethodNotAllowed."""
        if self.services.issuer is None:
            raise PathNotFound
        self.issuer: LocalIssuer = self.services.issuer
        return super().handler(method)


class LoginEndpoint(_IssuerEndpoint):
    """/auth/login."""

    async def post(self, request: Request) -> Response:
        """Exchange an e-mail address and a password for a token.

        Hashing the password takes a third of a second, so it runs in a thread and outside any transaction.
        """
        body = await read_body(request, LoginRequest, max_size=MAX_LOGIN_BODY_SIZE)
        self.issuer.login_limit.count(request.client.host if request.client else "")
        account = await self.unit_of_work.read(find_account, body.email)
        if not await verify_password(body.password, account.password if account else None) or account is None:
            raise InvalidCredentials
        await self.unit_of_work.write(record_login, account.user_id)
        now = token_time()
        token = issue_token(
            TokenSubject(
                employee_id=account.employee_id,
                organization_id=account.organization_id,
                roles=[account.role],
                permissions=account.permissions,
                name=account.name,
                email=account.email,
                organization_name=account.organization_name,
            ),
            await self.issuer.keys.signing_key(),
            self.settings,
            clock=lambda: now,
        )
        lifetime = self.settings.token_lifetime
        return success("Login successful", _token_data(token, lifetime, expires_at=int(now) + lifetime))


def _token_data(token: str, lifetime: int, *, expires_at: int) -> dict[str, object]:
    """Return the data of a login. The last three members are those of the old family of services."""
    return {
        "token": token,
        "token_type": "bearer",
        "expires_in": lifetime,
        "access_token": token,
        "tokenType": "bearer",
        "expiresAt": datetime.fromtimestamp(expires_at, UTC).isoformat(),
    }


class JwksEndpoint(_IssuerEndpoint):
    """/auth/jwks."""

    async def get(self, request: Request) -> Response:  # noqa: ARG002 - every operation takes the request
        """Return the public keys that verify our tokens (RFC 7517)."""
        return success("Keys retrieved successfully", await self.issuer.keys.jwks())


class MeEndpoint(Endpoint):
    """/auth/me."""

    async def get(self, request: Request) -> Response:
        """Return the decoded claims of the token."""
        caller = await self.authorize(request)
        return success("Claims retrieved successfully", caller.claims)
