"""The severity and the text of each rule, read from severities.yaml, with overrides."""

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
    """The effect of a change on the transmitted values.

    BREAKING: values are newly refused, or newly possible. COMPATIBLE: the reverse. POLICY: clients break even if no
    value is refused. ANNOTATION: values are not affected.
    """

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    POLICY = "policy"
    ANNOTATION = "annotation"


@dataclass(frozen=True)
class _Weight:
    """The entry of one rule in severities.yaml."""

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
        """Return the severities of the severities.yaml in this folder."""
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
        """Return the effect of a rule on values."""
        return self._weights[rule].effect

    def severity(self, rule: str) -> Severity:
        """Return the severity of a rule."""
        return self._weights[rule].severity

    def override(self, file: Path) -> "Severities":
        """Return these severities overridden by those of `file`, with entries such as `rule-id: warning` or `off`."""
        weights, off = dict(self._weights), set(self._off)
        for rule, severity in read_mapping(file).items():
            if rule not in weights:
                raise CannotRun(f"{file}: {rule}: unknown rule; list the rules with `statuspin rules`")
            off.discard(rule)
            if severity in _OFF:
                off.add(rule)
            else:
                weights[rule] = replace(weights[rule], severity=_severity(severity, f"{file}: {rule}"))
        return Severities(weights, frozenset(off))

    def is_off(self, rule: str) -> bool:
        """Return whether findings of a rule are left out."""
        return rule in self._off

    def finding(self, operation: str, place: str, change: Change) -> Finding:
        """Return the finding for a change of an operation at a place."""
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
    """Return the effect of a rule on values, by the usual severities."""
    return _usual().effect(rule)


def is_breaking(rule: str) -> bool:
    """Return whether a rule is about values that break clients, by the usual severities."""
    effect = effect_of(rule)
    return effect is Effect.BREAKING or (effect is Effect.POLICY and _usual().severity(rule) is Severity.ERROR)


@cache
def _usual() -> Severities:
    return Severities({rule: _weight(of) for rule, of in read_mapping(_USUAL).items()})


def _weight(of: dict[str, Any]) -> _Weight:
    severity = Severity(of["severity"])
    usual = Effect.COMPATIBLE if severity is Severity.NOTE else Effect.BREAKING
    return _Weight(severity, of["says"], of["why"], Effect(of.get("effect", usual)))
