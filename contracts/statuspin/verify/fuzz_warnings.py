"""The warnings of Schemathesis about a run."""

from dataclasses import dataclass
from typing import Any

from schemathesis.cli.commands.run.warnings import WarningCollector
from schemathesis.engine import events
from schemathesis.schemas import BaseSchema

_MEANINGS = {
    "missing_auth": "the operation returns only 401 or 403",
    "missing_test_data": "the operation returns mostly 404, because the server lacks test data",
    "validation_mismatch": "the operation rejects requests that match its schemas",
    "rate_limited": "the operation returns mostly 429",
    "base_url_mismatch": "every response is 404, so the base URL is probably wrong",
    "unused_openapi_auth": "credentials are configured for a security scheme that does not exist",
    "unsupported_regex": "a pattern is not supported",
    "missing_deserializer": "bodies of a media type cannot be read, so they were not compared",
    "unresolvable_reference": "a reference cannot be resolved",
    "method_not_allowed": "the operation returns 405",
    "low_valid_rate": "the operation accepts few of the requests that match its schemas",
}
UNTESTED = frozenset({"missing_auth", "missing_test_data", "rate_limited"})
"""Kinds of warnings about operations that were not tested."""

NOT_COMPARED = frozenset({"missing_deserializer", "unsupported_regex", "unresolvable_reference"})
"""Kinds of warnings about parts that were not compared. They do not suggest a fault of the service."""


@dataclass(frozen=True)
class FuzzWarning:
    """A warning of Schemathesis. kind: such as `missing_auth`. labels: its operations, such as `GET /path`."""

    kind: str
    labels: tuple[str, ...]

    @property
    def meaning(self) -> str:
        """The text of the warning, without a full stop."""
        return _MEANINGS.get(self.kind, self.kind.replace("_", " "))


@dataclass(frozen=True)
class _Context:
    """The part of Schemathesis' command-line context that its collector uses."""

    find_operation: Any


class FuzzWarnings:
    """Collect the warnings of one run."""

    def __init__(self, schema: BaseSchema) -> None:
        """schema: the schema that is fuzzed."""
        self._collector = WarningCollector(schema.config)
        self._context: Any = _Context(schema.find_operation_by_label)

    def collect(self, event: events.EngineEvent) -> None:
        """Collect the warnings of an event of the run."""
        if isinstance(event, events.ScenarioFinished):
            self._collector.on_scenario_finished(self._context, event)
        elif isinstance(event, events.SchemaAnalysisWarnings):
            self._collector.on_schema_warnings(event)

    @property
    def all(self) -> list[FuzzWarning]:
        """All warnings, with their operations."""
        return [FuzzWarning(kind, tuple(labels)) for kind, labels in self._collector.data.as_labels().items() if labels]
