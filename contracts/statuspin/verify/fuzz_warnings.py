"""Schemathesis' own warnings about a run: what it could not test, and why."""

from dataclasses import dataclass
from typing import Any

from schemathesis.cli.commands.run.warnings import WarningCollector
from schemathesis.engine import events
from schemathesis.schemas import BaseSchema

_MEANINGS = {
    "missing_auth": "the operation answers only 401 or 403",
    "missing_test_data": "the operation answers 404 again and again, so there is nothing for it to work on",
    "validation_mismatch": "the operation refuses requests that fit its schemas",
    "rate_limited": "the operation answers mostly 429",
    "base_url_mismatch": "every answer is 404, so the base URL is probably wrong",
    "unused_openapi_auth": "credentials are configured for a security scheme that does not exist",
    "unsupported_regex": "a pattern cannot be used",
    "missing_deserializer": "bodies of a media type cannot be read, so they were not compared",
    "unresolvable_reference": "a reference leads nowhere",
    "method_not_allowed": "the operation answers 405",
    "low_valid_rate": "the operation accepts few of the requests that fit its schemas",
}
UNTESTED = frozenset({"missing_auth", "missing_test_data", "rate_limited"})
"""Kinds that say that an operation was not tested."""

NOT_COMPARED = frozenset({"missing_deserializer", "unsupported_regex", "unresolvable_reference"})
"""Kinds that say what was left out, which is no reason to look at the service."""


@dataclass(frozen=True)
class FuzzWarning:
    """A warning of Schemathesis. kind: `missing_auth`. labels: the operations that it is about, `GET /path`."""

    kind: str
    labels: tuple[str, ...]

    @property
    def meaning(self) -> str:
        """What it says, in a sentence without an end."""
        return _MEANINGS.get(self.kind, self.kind.replace("_", " "))


@dataclass(frozen=True)
class _Context:
    """The part of Schemathesis' command line that its collector asks."""

    find_operation: Any


class FuzzWarnings:
    """Collects the warnings of one run."""

    def __init__(self, schema: BaseSchema) -> None:
        """schema: what is fuzzed."""
        self._collector = WarningCollector(schema.config)
        self._context: Any = _Context(schema.find_operation_by_label)

    def take(self, event: events.EngineEvent) -> None:
        """Look at an event of the run."""
        if isinstance(event, events.ScenarioFinished):
            self._collector.on_scenario_finished(self._context, event)
        elif isinstance(event, events.SchemaAnalysisWarnings):
            self._collector.on_schema_warnings(event)

    @property
    def all(self) -> list[FuzzWarning]:
        """Every warning, each with its operations."""
        return [FuzzWarning(kind, tuple(labels)) for kind, labels in self._collector.data.as_labels().items() if labels]
