"""Rules for the security requirements of operations."""

from dataclasses import dataclass
from typing import Any

from statuspin.diff import wording
from statuspin.diff.operation_side import OPERATIONS, OperationSide
from statuspin.diff.rule import Change, RuleResult
from statuspin.diff.schema.json_values import text_of

_TELLING = ("type", "in", "name", "scheme", "openIdConnectUrl")


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
def removed(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report credentials that are no longer accepted."""
    ways = _ways(new)
    for way in _ways(old):
        if not any(other.admits(way) for other in ways):
            yield Change(_why_refused(way, ways), "security", str(way), _texts(ways))


@OPERATIONS.rule("security-alternative-added", "security-removed", "security-scope-removed")
def added(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report credentials that are newly accepted."""
    ways = _ways(old)
    for way in _ways(new):
        rule = _why_admitted(way, ways)
        if rule and not any(other.admits(way) for other in ways):
            yield Change(rule, "security", _texts(ways), str(way))


def _why_admitted(way: _Requirement, ways: list[_Requirement]) -> str:
    """Return the rule by which `way` is new beside `ways`; empty where the other rule has said so."""
    if way.is_public:
        return "security-removed"
    alike = [other for other in ways if other.scopes.keys() == way.scopes.keys()]
    if not alike:
        return "security-alternative-added"
    is_subset = any(all(way.scopes[name] <= other.scopes[name] for name in way.scopes) for other in alike)
    return "security-scope-removed" if is_subset and any(other.schemes == way.schemes for other in alike) else ""


def _why_refused(way: _Requirement, ways: list[_Requirement]) -> str:
    if way.is_public:
        return "security-added"
    alike = [other for other in ways if other.scopes.keys() == way.scopes.keys()]
    if any(other.schemes != way.schemes for other in alike):
        return "security-scheme-changed"
    return "security-scope-added" if alike else "security-alternative-removed"


def _texts(ways: list[_Requirement]) -> str:
    return wording.short(" or ".join(sorted(str(way) for way in ways)))


def _ways(side: OperationSide) -> list[_Requirement]:
    document = side.reader.document
    required = side.operation.raw.get("security", document.raw.get("security"))
    components = document.raw.get("components")
    schemes = side.mapping(components.get("securitySchemes") if isinstance(components, dict) else None)
    ways = [_way(each, schemes) for each in required or () if isinstance(each, dict)]
    return ways or [_Requirement({}, {})]


def _way(required: dict[str, Any], schemes: dict[str, dict[str, Any]]) -> _Requirement:
    scopes = {name: frozenset(map(str, asked or ())) for name, asked in required.items()}
    return _Requirement(scopes, {name: _identify(schemes.get(name, {"name": name})) for name in required})


def _identify(scheme: dict[str, Any]) -> str:
    """Return the part of a scheme that identifies it: how and where credentials are sent."""
    told = {key: str(scheme[key]).lower() for key in _TELLING if key in scheme}
    flows = scheme.get("flows")
    if isinstance(flows, dict):
        told["flows"] = text_of({name: _urls(flow) for name, flow in flows.items() if isinstance(flow, dict)})
    return text_of(told)


def _urls(flow: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in flow.items() if key.endswith("Url")}
