"""The JSON schema of waivers.yaml, for completion and checks in editors."""

from typing import Any

from statuspin.diff.severities import Severities
from statuspin.diff.verify_rules import CHECK, VERIFY_RULES
from statuspin.diff.waivers import WAIVER_RULES

_TEXT = {"type": "string", "pattern": r"\S"}


def waiver_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12)."""
    rules = sorted(Severities.usual().rules - WAIVER_RULES)
    waiver = {
        "type": "object",
        "additionalProperties": False,
        "required": ["rule", "operation", "reason", "expires"],
        "properties": {
            "rule": {
                "anyOf": [{"enum": sorted({*rules, *VERIFY_RULES})}, {"pattern": f"^{CHECK}"}],
                "description": "The rule of the findings; `statuspin rules` lists those of `diff`.",
            },
            "operation": _TEXT | {"description": "The operationId, or METHOD /path; * for every operation."},
            "place": {"type": "string", "description": "The place in the operation; every place without it."},
            "status": {
                "type": ["integer", "string"],
                "description": "Of a finding of `verify`: the status that was observed, or promised and not observed.",
            },
            "reason": _TEXT | {"description": "Why the finding is accepted."},
            "expires": {
                "type": "string",
                "format": "date",
                "pattern": r"^\d{4}-\d\d-\d\d$",
                "description": "The last day on which the finding is accepted, YYYY-MM-DD.",
            },
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "waivers.yaml of statuspin",
        "type": ["array", "null"],
        "items": waiver,
    }
