"""The issuer of tokens: POST /auth/login, GET /auth/jwks, GET /auth/me. With an outer issuer, `me` alone remains."""

from starlette.requests import Request
from starlette.responses import Response

from app.domain.errors import InvalidCredentials, NotFound
from app.endpoints.endpoint import Endpoint, Handler
from app.envelope import success
from app.identity.passwords import matches
from app.identity.tokens import issue
from app.inputs.reading import read_body
from app.inputs.requests import LoginRequest
from app.services import LocalIssuer
from app.use_cases.accounts import find_account, note_login


class _IssuerEndpoint(Endpoint):
    """A path that is there only where we issue the tokens ourselves; else it is a 404, whatever the method."""

    def handler(self, method: str) -> Handler:
        self.issuer: LocalIssuer = self._own_issuer()
        return super().handler(method)

    def _own_issuer(self) -> LocalIssuer:
        if self.services.issuer is None:
            raise NotFound
        return self.services.issuer


class LoginEndpoint(_IssuerEndpoint):
    """E-mail address and password for a token."""

    async def post(self, request: Request) -> Response:
        """Login. The password is hashed in a thread and outside any transaction: it takes a third of a second."""
        given = await read_body(request, LoginRequest)
        self.issuer.login_limit.count(request.client.host if request.client else "")
        account = await self.database.reading(find_account, given.email)
        if not await matches(given.password, account.password if account else None) or account is None:
            raise InvalidCredentials
        await self.database.writing(note_login, account.user_id)
        token = issue(
            await self.issuer.keys.signing_key(),
            self.settings,
            employee_id=account.employee_id,
            organization_id=account.organization_id,
            roles=[account.role],
            permissions=account.permissions,
            name=account.name,
            email=account.email,
            organization_name=account.organization_name,
        )
        return success(
            "Login successful",
            {"token": token, "token_type": "bearer", "expires_in": self.settings.token_lifetime},
        )


class JwksEndpoint(_IssuerEndpoint):
    """The public keys that verify our tokens (RFC 7517)."""

    async def get(self, request: Request) -> Response:  # noqa: ARG002 - the signature of every operation
        """Jwks."""
        return success("Keys retrieved successfully", await self.issuer.keys.jwks())


class MeEndpoint(Endpoint):
    """Who the caller is."""

    async def get(self, request: Request) -> Response:
        """Me: the token's claims, decoded."""
        caller = await self.authorize(request)
        return success("Claims retrieved successfully", caller.claims)
