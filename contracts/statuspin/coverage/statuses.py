"""Which operation answered which status how often, beside what openapi.yaml promises."""

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from statuspin.contract.document import Document, find_response
from statuspin.http.exchange import Exchange

_EXAMPLES = 3


class State(StrEnum):
    """What a cell of the matrix says."""

    OBSERVED = "observed"
    UNOBSERVED = "promised, not observed"
    SKIPPED = "promised, could not be provoked here"
    NEVER = "never"
    BROKEN = "never, but observed"
    UNDOCUMENTED = "observed, not documented"
    UNSUPPORTED = "answer to a method that is not documented"


@dataclass
class Cell:
    """One operation × status. key: `404`, `4XX`, `default`, as promised; a number if it is not documented."""

    operation: str
    key: str
    state: State
    count: int = 0
    statuses: set[int] = field(default_factory=set)
    exchanges: list[Exchange] = field(default_factory=list)


class StatusCoverage:
    """Counts every answer under the status that promises it.

    Exchanges have to be booked: one whose operation the document does not have is an answer to an unsupported method.
    """

    def __init__(self, document: Document, forbidden: tuple[int, ...] = ()) -> None:
        """document: what is promised. forbidden: statuses that must not be observed."""
        self._operations = frozenset(document.operations)
        self._forbidden = {str(status) for status in forbidden}
        self._promised: defaultdict[str, list[str]] = defaultdict(list)
        self._cells: dict[tuple[str, str], Cell] = {}
        for operation in document.operations.values():
            for key in operation.raw.get("responses") or {}:
                if key.startswith("x-"):
                    continue
                name = key.upper() if key != "default" else key
                state = State.NEVER if name in self._forbidden else State.UNOBSERVED
                self._promised[operation.id].append(name)
                self._cells[operation.id, name] = Cell(operation.id, name, state)

    def see(self, exchange: Exchange) -> None:
        """Count an answer; a request without one is not counted."""
        if exchange.answer is None:
            return
        status = exchange.answer.status
        cell = self._cell(exchange.operation, status)
        cell.count += 1
        cell.statuses.add(status)
        if len(cell.exchanges) < _EXAMPLES:
            cell.exchanges.append(exchange)
        if cell.state in (State.UNOBSERVED, State.SKIPPED):
            cell.state = State.OBSERVED
        elif cell.state == State.NEVER:
            cell.state = State.BROKEN

    def skip(self, operation: str, status: int) -> None:
        """Note that a status was to be provoked and could not be."""
        cell = self._cell(operation, status)
        if cell.state == State.UNOBSERVED:
            cell.state = State.SKIPPED

    def cells(self, *states: State) -> list[Cell]:
        """The cells in some states, or all, in the order of the document."""
        return [cell for cell in self._cells.values() if not states or cell.state in states]

    def _cell(self, operation: str, status: int) -> Cell:
        key, exact = find_response(self._promised.get(operation, ()), status), str(status)
        is_forbidden = exact in self._forbidden
        if key is not None and (key == exact or not is_forbidden):
            return self._cells[operation, key]
        # `5XX` and `default` do not promise a forbidden status
        other = State.UNDOCUMENTED if operation in self._operations else State.UNSUPPORTED
        cell = Cell(operation, exact, State.NEVER if is_forbidden else other)
        return self._cells.setdefault((operation, exact), cell)
