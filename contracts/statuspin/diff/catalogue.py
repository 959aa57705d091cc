"""Describe each rule: its severity, direction, examples, and why clients break."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from statuspin.diff.severities import Severities
from statuspin.errors import CannotRun
from statuspin.findings import Severity
from statuspin.loading.files import read_mapping

_EXAMPLES = Path(__file__).with_name("examples.yaml")
_DIRECTIONS = {
    "request": "what clients send",
    "parameter": "what clients send",
    "required-parameter": "what clients send",
    "security": "what clients send",
    "server": "what clients send",
    "response": "what clients receive",
    "success-status": "what clients receive",
    "error-status": "what clients receive",
    "default-response": "what clients receive",
    "not-acceptable": "what clients receive",
    "link": "what clients receive",
    "webhook": "what clients receive unasked",
    "callback": "what clients receive unasked",
    "payload": "what clients receive unasked",
    "answer": "what clients answer to a webhook or callback",
    "pin": "what pins promise",
    "waiver": "waivers",
}
_OTHER = "operations"


@dataclass(frozen=True)
class RuleDescription:
    """The description of a rule.

    severity: None if the rule is off. says: the sentence of its findings. kind: the kind of its examples, `schema`,
    `operation` or `document`, empty without examples. old, new: the examples.
    """

    rule: str
    severity: Severity | None
    direction: str
    says: str
    why: str
    kind: str = ""
    old: Any = None
    new: Any = None


def describe_rules(severities: Severities) -> list[RuleDescription]:
    """Return every rule, in the order of severities.yaml."""
    examples = read_mapping(_EXAMPLES)
    return [_describe(rule, severities, examples.get(rule, {})) for rule in severities.texts]


def describe_rule(rule: str, severities: Severities) -> RuleDescription:
    """Return the description of a rule. Raises CannotRun if it does not exist."""
    if rule not in severities.texts:
        close = get_close_matches(rule, severities.texts, 1)
        hint = f"did you mean {close[0]}?" if close else "list the rules with `statuspin rules`"
        raise CannotRun(f"unknown rule {rule}; {hint}")
    return next(each for each in describe_rules(severities) if each.rule == rule)


def _describe(rule: str, severities: Severities, example: dict[str, Any]) -> RuleDescription:
    says, why = severities.texts[rule]
    severity = None if severities.is_off(rule) else severities.severity(rule)
    direction = next((said for start, said in _DIRECTIONS.items() if rule.startswith(f"{start}-")), _OTHER)
    kind = next(iter(example), "")
    old, new = example[kind] if kind else (None, None)
    return RuleDescription(rule, severity, direction, says, why, kind, old, new)
