"""Get tokens with OAuth 2 (RFC 6749, sections 4.3 and 4.4) and OpenID Connect, as in the document's schemes."""

from typing import Any
from urllib.parse import urljoin

from statuspin.contract.document import Operation
from statuspin.contract.security import SecurityScheme
from statuspin.contract.steps import Request
from statuspin.http.bodies import FORM
from statuspin.http.client import Client
from statuspin.http.connection import Connection
from statuspin.http.credentials import ANONYMOUS, Credentials, authorization, basic
from statuspin.http.exchange import Exchange
from statuspin.verify.login import send_elsewhere
from statuspin.verify.target import PreconditionUnavailable

_CLIENT_REFUSED = (400, 401)


class TokenEndpoint:
    """The token endpoint of a security scheme."""

    def __init__(self, scheme: SecurityScheme, client: Client, connection: Connection) -> None:
        """client: its base URL resolves relative URLs. connection: options of the connection to the endpoint."""
        self._scheme, self._client, self._connection = scheme, client, connection

    async def sign_in(self, name: str, body: dict[str, Any]) -> Credentials:
        """Return the credentials of the actor `name`.

        body: `username` and `password`, or `client_id` and `client_secret`, and further fields such as `scope`.

        Raises PreconditionUnavailable if the endpoint does not issue a token.
        """
        grant = "password" if "username" in body else "client_credentials"
        url = await self._find_url(name, grant)
        fields = {"grant_type": grant, **body}
        exchange = await self._post(url, fields, ANONYMOUS)
        if "client_secret" in body and exchange.answer and exchange.answer.status in _CLIENT_REFUSED:
            # Servers must accept the secret as HTTP Basic, but many accept it only in the body (section 2.3.1).
            secrets = basic(str(body.get("client_id", "")), str(fields.pop("client_secret")))
            fields.pop("client_id", None)
            exchange = await self._post(url, fields, secrets)
        found = exchange.answer.json if exchange.answer else None
        token = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(token, str):
            raise _login_failed(url, exchange, name)
        return Credentials(authorization(f"Bearer {token}").headers, renewable=True)

    async def _post(self, url: str, fields: dict[str, Any], credentials: Credentials) -> Exchange:
        request = Request(body=fields, media_type=FORM, headers={"Accept": "application/json"})
        return await send_elsewhere(
            Operation(f"POST {url}", url, "post", {}, {}), request, credentials, self._connection
        )

    async def _find_url(self, name: str, grant: str) -> str:
        flow = "password" if grant == "password" else "clientCredentials"
        if self._scheme.discovery:
            return await self._discover_url(name)
        if flow not in self._scheme.token_urls:
            known = ", ".join(self._scheme.token_urls)
            raise PreconditionUnavailable(
                f"{self._scheme.name} has the flow {known}, not {flow}, for the login of the actor", name
            )
        return self._resolve_url(self._scheme.token_urls[flow])

    async def _discover_url(self, name: str) -> str:
        """Return the token endpoint from the provider's metadata (OpenID Connect Discovery 1.0, section 4)."""
        url = self._resolve_url(self._scheme.discovery)
        exchange = await send_elsewhere(
            Operation(f"GET {url}", url, "get", {}, {}), Request(), ANONYMOUS, self._connection
        )
        found = exchange.answer.json if exchange.answer else None
        endpoint = found.get("token_endpoint") if isinstance(found, dict) else None
        if not isinstance(endpoint, str):
            raise _login_failed(url, exchange, name)
        return urljoin(url, endpoint)

    def _resolve_url(self, url: str) -> str:
        return urljoin(f"{self._client.base_url}/", url)


def _login_failed(url: str, exchange: Exchange, name: str) -> PreconditionUnavailable:
    observed = exchange.answer.status if exchange.answer else exchange.failure
    return PreconditionUnavailable(f"{url} returned {observed} for the login of the actor", name)
