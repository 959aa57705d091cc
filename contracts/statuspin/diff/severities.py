"""How severe each rule is and what it says: data, with overrides."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from statuspin.diff.rule import Change
from statuspin.errors import CannotRun
from statuspin.findings import Finding, Severity
from statuspin.loading.files import read_mapping

_OFF = ("off", False)  # YAML 1.1 reads a plain `off` as false
_USUAL = Path(__file__).with_name("severities.yaml")


class Effect(StrEnum):
    """What a change means for the values that go over the wire.

    BREAKING: values are refused, or possible, that were not. COMPATIBLE: the reverse. POLICY: clients break even
    if no value is refused. ANNOTATION: no value is concerned.
    """

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    POLICY = "policy"
    ANNOTATION = "annotation"


@dataclass(frozen=True)
class _Weight:
    """What severities.yaml says of one rule."""

    severity: Severity
    says: str
    why: str
    effect: Effect


class Severities:
    """The severity of every rule."""

    def __init__(self, weights: Mapping[str, _Weight], off: frozenset[str] = frozenset()) -> None:
        self._weights, self._off = weights, off

    @classmethod
    def usual(cls) -> "Severities":
        """The severities of severities.yaml beside this module."""
        return _usual()

    @property
    def rules(self) -> set[str]:
        """Every rule id that has a severity."""
        return set(self._weights)

    @property
    def texts(self) -> dict[str, tuple[str, str]]:
        """The sentence of each rule, and why a client breaks."""
        return {rule: (weight.says, weight.why) for rule, weight in self._weights.items()}

    def effect(self, rule: str) -> Effect:
        """What a rule says of values."""
        return self._weights[rule].effect

    def severity(self, rule: str) -> Severity:
        """How severe a rule is."""
        return self._weights[rule].severity

    def overridden(self, file: Path) -> "Severities":
        """These severities, with those of `file`, `rule-id: error|warning|note|off`, in their places."""
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


def effect_of(rule: str) -> Effect:
    """What a rule says of values, by the usual severities."""
    return _usual().effect(rule)


def is_breaking(rule: str) -> bool:
    """Whether a rule says that values break clients, by the usual severities."""
    effect = effect_of(rule)
    return effect is Effect.BREAKING or (effect is Effect.POLICY and _usual().severity(rule) is Severity.ERROR)


@cache
def _usual() -> Severities:
    return Severities({rule: _weight(of) for rule, of in read_mapping(_USUAL).items()})


def _weight(of: dict[str, Any]) -> _Weight:
    severity = Severity(of["severity"])
    usual = Effect.COMPATIBLE if severity is Severity.NOTE else Effect.BREAKING
    return _Weight(severity, of["says"], of["why"], Effect(of.get("effect", usual)))
