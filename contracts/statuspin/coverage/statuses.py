"""Count the responses of each operation by status, and compare them with the documented statuses."""

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from statuspin.contract.document import Document, find_response
from statuspin.http.exchange import Exchange

_EXAMPLES = 3


class State(StrEnum):
    """The state of a cell."""

    OBSERVED = "observed"
    UNOBSERVED = "promised, not observed"
    SKIPPED = "promised, could not be provoked here"
    NEVER = "never"
    BROKEN = "never, but observed"
    UNDOCUMENTED = "observed, not documented"
    UNSUPPORTED = "answer to a method that is not documented"


@dataclass
class Cell:
    """An operation and a status. key: `404`, `4XX` or `default` as documented, or the status if it is undocumented."""

    operation: str
    key: str
    state: State
    count: int = 0
    statuses: set[int] = field(default_factory=set)
    exchanges: list[Exchange] = field(default_factory=list)


class StatusCoverage:
    """Counts responses by operation and documented status.

    The operation of an exchange must come from `Booking`: a name that the document lacks means an unsupported method.
    """

    def __init__(self, document: Document, forbidden: tuple[int, ...] = ()) -> None:
        """document: the OpenAPI document. forbidden: statuses that no response may have."""
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
        """Count the response of an exchange. An exchange without a response is not counted."""
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
        """Mark a status that could not be provoked."""
        cell = self._cell(operation, status)
        if cell.state == State.UNOBSERVED:
            cell.state = State.SKIPPED

    def cells(self, *states: State) -> list[Cell]:
        """Return the cells in the given states, or all cells, in the order of the document."""
        return [cell for cell in self._cells.values() if not states or cell.state in states]

    def _cell(self, operation: str, status: int) -> Cell:
        key, exact = find_response(self._promised.get(operation, ()), status), str(status)
        is_forbidden = exact in self._forbidden
        if key is not None and (key == exact or not is_forbidden):
            return self._cells[operation, key]
        # `5XX` and `default` do not allow a forbidden status.
        other = State.UNDOCUMENTED if operation in self._operations else State.UNSUPPORTED
        cell = Cell(operation, exact, State.NEVER if is_forbidden else other)
        return self._cells.setdefault((operation, exact), cell)
