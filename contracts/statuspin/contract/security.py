"""Read the security schemes of a document (OpenAPI 3, Security Scheme Object)."""

from dataclasses import dataclass, field
from typing import Any

from statuspin.contract.document import Document, Operation
from statuspin.errors import CannotRun

_SPELLINGS = {"bearer": "Bearer", "basic": "Basic", "digest": "Digest", "token": "Token", "apikey": "ApiKey"}
_GRANTS = ("password", "clientCredentials")


@dataclass(frozen=True)
class SecurityScheme:
    """A security scheme. kind: `apiKey`, `http`, `oauth2` or `openIdConnect`.

    place, parameter: the part of the request that carries an API key (`header`, `query` or `cookie`), and its name
    there. http: the name of an HTTP scheme as sent, such as `Bearer`. token_urls: those of the OAuth 2 flows `password`
    and `clientCredentials`. discovery: the URL of an OpenID Connect configuration.
    """

    name: str
    kind: str
    place: str = ""
    parameter: str = ""
    http: str = ""
    token_urls: dict[str, str] = field(default_factory=dict)
    discovery: str = ""

    @property
    def issues_tokens(self) -> bool:
        """Whether the document says where to get a token for a password or a client secret."""
        return bool(self.token_urls or self.discovery)


def security_schemes(document: Document) -> dict[str, SecurityScheme]:
    """Return all well-formed schemes by name."""
    components = document.raw.get("components")
    described = components.get("securitySchemes") if isinstance(components, dict) else None
    found = {}
    for name, raw in (described if isinstance(described, dict) else {}).items():
        resolved = document.resolve(raw)
        if isinstance(resolved, dict) and isinstance(resolved.get("type"), str):
            found[str(name)] = _scheme(str(name), resolved)
    return found


def requires_credentials(document: Document, operation: Operation) -> bool:
    """Return whether no request without credentials is allowed."""
    security = operation.raw.get("security", document.raw.get("security")) or []
    return bool(security) and {} not in security


def api_key_scheme(document: Document, name: str | None) -> SecurityScheme:
    """Return the apiKey scheme called `name`, or the only one. Raises CannotRun if the choice is not clear."""
    chosen = [each for each in _select(document, name, keys=True) if each.parameter]
    if len(chosen) == 1:
        return chosen[0]
    known = [each for each in _select(document, None, keys=True) if each.parameter]
    if not known:
        raise CannotRun(f"an actor has an `api_key`, but {document.name} has no apiKey scheme under securitySchemes")
    names = ", ".join(each.name for each in known)
    raise CannotRun(f"an actor has an `api_key`: set `scheme` to one of {names}")


def sends_only_api_keys(document: Document) -> bool:
    """Return whether the document names only API keys as credentials."""
    return {each.kind for each in security_schemes(document).values()} == {"apiKey"}


def authorization_prefix(document: Document, name: str | None = None) -> str:
    """Return the prefix of a token: the HTTP scheme called `name`, or the only one other than Basic, else Bearer."""
    names = {each.http for each in _select(document, name, keys=False)} - {"", "Basic"}
    return names.pop() if len(names) == 1 else "Bearer"


def token_scheme(document: Document, name: str | None = None) -> SecurityScheme | None:
    """Return the scheme called `name`, or the only one that issues tokens, or None if the choice is not clear."""
    known = [each for each in _select(document, name, keys=False) if each.issues_tokens]
    return known[0] if len(known) == 1 else None


def _select(document: Document, name: str | None, *, keys: bool) -> list[SecurityScheme]:
    """Return the scheme called `name`, or all schemes of API keys, or all others.

    An actor may send a key with other credentials. A name of the other kind belongs to those, and chooses nothing here.
    """
    schemes = security_schemes(document)
    candidates = [each for each in schemes.values() if (each.kind == "apiKey") is keys]
    if name is None or (name in schemes and schemes[name] not in candidates):
        return candidates
    return [each for each in candidates if each.name == name]


def _scheme(name: str, raw: dict[str, Any]) -> SecurityScheme:
    kind = raw["type"]
    flows = raw.get("flows")
    described = {grant: flows.get(grant) for grant in _GRANTS} if isinstance(flows, dict) else {}
    token_urls = {
        grant: str(flow["tokenUrl"])
        for grant, flow in described.items()
        if isinstance(flow, dict) and flow.get("tokenUrl")
    }
    spelled = str(raw.get("scheme", "")) if kind == "http" else ""
    return SecurityScheme(
        name=name,
        kind=kind,
        place=str(raw.get("in", "")) if kind == "apiKey" else "",
        parameter=str(raw.get("name", "")) if kind == "apiKey" else "",
        http=_SPELLINGS.get(spelled.lower(), spelled),
        token_urls=token_urls if kind == "oauth2" else {},
        discovery=str(raw.get("openIdConnectUrl", "")) if kind == "openIdConnect" else "",
    )
