"""Compute the data of the page from the record of a run. The template contains only the layout."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from statuspin.contract.document import find_response
from statuspin.coverage.statuses import State
from statuspin.findings import Severity
from statuspin.formats.report import Words
from statuspin.report.conversion import SKIPPED_RULES, find_request
from statuspin.report.trend import points, trend

_LOOK = {
    State.OBSERVED.value: ("kept", "✓"),
    State.UNOBSERVED.value: ("missing", "?"),
    State.SKIPPED.value: ("skipped", "–"),
    State.NEVER.value: ("never", "·"),
    State.BROKEN.value: ("broken", "✗"),
    State.UNDOCUMENTED.value: ("broken", "✗"),
    State.UNSUPPORTED.value: ("never", "·"),
}


@dataclass(frozen=True)
class Cell:
    """A status of an operation. pins: those that promise it. look: the CSS class. sign: a symbol for the same state."""

    id: str
    title: str
    state: str
    look: str
    sign: str
    count: int
    pins: list[dict[str, Any]]
    exchanges: list[dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """An operation. cells: one per column, None if the status is neither promised nor observed."""

    operation: dict[str, Any]
    cells: list[Cell | None]


class View:
    """The data of the page."""

    def __init__(
        self,
        record: dict[str, Any],
        mutants: dict[str, Any] | None = None,
        earlier: Sequence[dict[str, Any]] = (),
    ) -> None:
        """record: as read by `statuspin.verify.record`. mutants: a kill table. earlier: records of earlier runs."""
        self.record, self.mutants = record, mutants
        self.trend = trend([*earlier, record]) if earlier else []
        self.points = points(self.trend)
        self.exchanges = record["exchanges"]
        self._cells, self._pins = defaultdict(list), defaultdict(list)
        for number, cell in enumerate(record["cells"]):
            self._cells[cell["operation"]].append((number, cell))
        for pin in record["pins"]:
            self._pins[pin["operation"]].append(pin)
        self.columns = sorted({cell["status"] for cell in record["cells"]})
        self.rows = [self._row(operation) for operation in record["operations"]]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The findings that are errors."""
        return [finding for finding in self.record["findings"] if finding["severity"] == "error"]

    @property
    def others(self) -> list[dict[str, Any]]:
        """The warnings and notes."""
        return [finding for finding in self.record["findings"] if finding["severity"] != "error"]

    @property
    def verdicts(self) -> Counter[str]:
        """The numbers of kept, broken and skipped pins."""
        return Counter(pin["verdict"] for pin in self.record["pins"])

    @property
    def verdict(self) -> str:
        """The verdict in one sentence."""
        if self.errors:
            return Words().count(Severity.ERROR, len(self.errors))
        is_skipped = any(
            finding["rule"] in SKIPPED_RULES or finding.get("accepted") for finding in self.record["findings"]
        )
        is_complete = self.record["whole"] and not self.verdicts["skipped"] and not is_skipped
        return "every promise is kept" if is_complete else "every promise that was tested is kept"

    @property
    def states(self) -> Counter[str]:
        """The number of cells by state."""
        return Counter(cell["state"] for cell in self.record["cells"])

    @property
    def skipped(self) -> Counter[str]:
        """The number of skipped pins by reason."""
        return Counter(pin["reason"] for pin in self.record["pins"] if pin["verdict"] == "skipped")

    @property
    def budgets(self) -> list[dict[str, Any]]:
        """By operation and response, the highest budget of the pins and the highest number of observed statements."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for pin in self.record["pins"]:
            if pin["budget"] is None:
                continue
            row = found.setdefault(
                (pin["operation"], pin["promise"]),
                {"operation": pin["operation"], "answer": pin["promise"], "pins": 0, "allowed": 0, "observed": None},
            )
            row["pins"] += 1
            row["allowed"] = max(row["allowed"], pin["budget"])
            if pin["statements"] is not None:
                row["observed"] = max(row["observed"] or 0, pin["statements"])
        return list(found.values())

    @property
    def missing_for_next(self) -> list[dict[str, Any]]:
        """The unmet criteria of the next coverage level."""
        level = self.record["level"] + 1
        return [each for each in self.record["criteria"] if each["level"] == level and each["covered"] < each["wanted"]]

    def exchanges_of(self, pin: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the exchanges of a pin."""
        return [self.exchanges[number] for number in pin["exchanges"]]

    def find_request(self, finding: dict[str, Any]) -> str:
        """Return the curl command of the request that shows a finding, or an empty string."""
        return find_request(finding, self.record)

    def _row(self, operation: dict[str, Any]) -> Row:
        cells = {cell["status"]: (number, cell) for number, cell in self._cells.get(operation["id"], [])}
        pins = defaultdict(list)
        for pin in self._pins.get(operation["id"], []):
            for key in {find_response(cells, status) for status in pin["statuses"]}:
                pins[key].append(pin)
        return Row(
            operation,
            [self._cell(*cells[column], pins[column]) if column in cells else None for column in self.columns],
        )

    def _cell(self, number: int, cell: dict[str, Any], pins: list[dict[str, Any]]) -> Cell:
        look, sign = _LOOK[cell["state"]]
        return Cell(
            id=f"cell-{number}", title=f"{cell['operation']} · {cell['status']}",
            state=cell["state"], look=look, sign=sign, count=cell["count"], pins=pins,
            exchanges=[self.exchanges[number] for number in cell["exchanges"]],
        )  # fmt: skip
