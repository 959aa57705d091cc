"""How much each rule weighs and what it says: data, with overrides."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from statuspin.diff.changes import Change
from statuspin.errors import CannotRun
from statuspin.findings import Finding, Severity
from statuspin.loading.files import read_mapping

_OFF = ("off", False)  # YAML 1.1 reads a plain `off` as false
_USUAL = Path(__file__).with_name("severities.yaml")


@dataclass(frozen=True)
class _Weight:
    """What severities.yaml says of one rule."""

    severity: Severity
    says: str
    why: str


class Severities:
    """The weight of every rule."""

    def __init__(self, weights: Mapping[str, _Weight], off: frozenset[str] = frozenset()) -> None:
        self._weights, self._off = weights, off

    @classmethod
    def usual(cls) -> "Severities":
        """The weights of severities.yaml beside this module."""
        return _usual()

    @property
    def rules(self) -> set[str]:
        """Every rule id that has a weight."""
        return set(self._weights)

    def overridden(self, file: Path) -> "Severities":
        """These weights, with those of `file`, `rule-id: error|warning|note|off`, in their places."""
        weights, off = dict(self._weights), set(self._off)
        for rule, severity in read_mapping(file).items():
            if rule not in weights:
                raise CannotRun(f"{file}: {rule}: there is no such rule")
            off.discard(rule)
            if severity in _OFF:
                off.add(rule)
            else:
                weights[rule] = replace(weights[rule], severity=_severity(severity, f"{file}: {rule}"))
        return Severities(weights, frozenset(off))

    def is_off(self, rule: str) -> bool:
        """Whether findings of a rule are left out."""
        return rule in self._off

    def finding(self, operation: str, place: str, change: Change) -> Finding:
        """The finding that says `change` of an operation and a place in it."""
        weight = self._weights[change.rule]
        message = weight.says.format(place=place, before=change.before, after=change.after)
        message = message[:1].upper() + message[1:]
        return Finding(change.rule, weight.severity, operation, place, message, change.before, change.after, weight.why)


def _severity(value: Any, place: str) -> Severity:
    try:
        return Severity(value)
    except ValueError:
        raise CannotRun(f"{place}: a severity is error, warning, note or off, not {value}") from None


@cache
def _usual() -> Severities:
    told = read_mapping(_USUAL).items()
    return Severities({rule: _Weight(Severity(of["severity"]), of["says"], of["why"]) for rule, of in told})
