"""Rules for the security requirements of operations."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from statuspin.diff import wording
from statuspin.diff.operation_side import OPERATIONS, OperationSide
from statuspin.diff.rule import Change, RuleResult
from statuspin.diff.schema.json_values import text_of

_IDENTIFYING = ("type", "in", "name", "scheme", "openIdConnectUrl")
_MOST_COMBINATIONS = 32


@dataclass(frozen=True)
class _Requirement:
    """One security requirement: the names of schemes with scopes, and the description of each scheme."""

    scopes: dict[str, frozenset[str]]
    schemes: dict[str, str]

    @property
    def is_public(self) -> bool:
        return not self.scopes

    def admits(self, other: "_Requirement") -> bool:
        """Return whether the credentials that `other` requires satisfy this requirement."""
        shown = {scheme: other.scopes[name] for name, scheme in other.schemes.items()}
        return all(scheme in shown and self.scopes[name] <= shown[scheme] for name, scheme in self.schemes.items())

    def __str__(self) -> str:
        parts = (
            f"{name} ({wording.names(scopes)})" if scopes else name for name, scopes in sorted(self.scopes.items())
        )
        return " and ".join(parts) or "no credentials"


@OPERATIONS.rule("security-added", "security-alternative-removed", "security-scheme-changed", "security-scope-added")
def refused_credentials(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report credentials that are no longer accepted."""
    ways = _ways(new)
    for way in _ways(old):
        if not any(other.admits(way) for other in ways):
            yield Change(_why_refused(way, ways), "security", str(way), _texts(ways))


@OPERATIONS.rule("security-alternative-added", "security-removed", "security-scope-removed")
def accepted_credentials(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report credentials that are newly accepted."""
    before, after = _ways(old), _ways(new)
    for way in after:
        rule = _why_admitted(way, before, after)
        if rule and not any(other.admits(way) for other in before):
            yield Change(rule, "security", _texts(before), str(way))


def _why_admitted(way: _Requirement, before: list[_Requirement], after: list[_Requirement]) -> str:
    """Return the rule by which `way` is new; empty if it replaces one that is reported as refused."""
    if way.is_public:
        return "security-removed"
    alike = [other for other in before if other.scopes.keys() == way.scopes.keys()]
    same = [other for other in alike if other.schemes == way.schemes]
    if any(all(way.scopes[name] <= other.scopes[name] for name in way.scopes) for other in same):
        return "security-scope-removed"
    is_replaced = any(not any(each.admits(other) for each in after) for other in alike)
    return "" if is_replaced else "security-alternative-added"


def _why_refused(way: _Requirement, ways: list[_Requirement]) -> str:
    if way.is_public:
        return "security-added"
    alike = [other for other in ways if other.scopes.keys() == way.scopes.keys()]
    if any(other.schemes != way.schemes for other in alike):
        return "security-scheme-changed"
    return "security-scope-added" if alike else "security-alternative-removed"


def _texts(ways: list[_Requirement]) -> str:
    return wording.short(" or ".join(sorted({str(way) for way in ways})))


def _ways(side: OperationSide) -> list[_Requirement]:
    document = side.reader.document
    required = side.operation.raw.get("security", document.raw.get("security"))
    components = document.raw.get("components")
    schemes = side.mapping(components.get("securitySchemes") if isinstance(components, dict) else None)
    ways = [way for each in required or () if isinstance(each, dict) for way in _split(each, schemes)]
    return ways or [_Requirement({}, {})]


def _split(required: dict[str, Any], schemes: dict[str, dict[str, Any]]) -> Iterator[_Requirement]:
    """Yield a requirement once for each combination of the flows of its schemes."""
    scopes = {name: frozenset(map(str, asked or ())) for name, asked in required.items()}
    identities = [_identities(schemes.get(name, {"name": name})) for name in required]
    for combination in islice(product(*identities), _MOST_COMBINATIONS):
        yield _Requirement(scopes, dict(zip(required, combination, strict=True)))


def _identities(scheme: dict[str, Any]) -> list[str]:
    """Return the parts of a scheme that say how and where credentials are obtained and sent, for each of its flows."""
    stated = {key: str(scheme[key]).lower() for key in _IDENTIFYING if key in scheme}
    flows = scheme.get("flows")
    named = flows.items() if isinstance(flows, dict) else ()
    of_flows = [{"flow": name} | _urls(flow) for name, flow in named if isinstance(flow, dict)]
    return [text_of(stated | flow) for flow in of_flows or [{}]]


def _urls(flow: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in flow.items() if key.endswith("Url")}
