"""Check that every operation, actor, state and mode that pins.yaml names exists. Otherwise no pin can run."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from statuspin.contract.actors import Actor, Login
from statuspin.contract.document import Document
from statuspin.contract.pins import ANY, AS_IT_IS, NO_STATE, OperationPins, PinsFile
from statuspin.contract.security import api_key_scheme, security_schemes
from statuspin.contract.steps import Step
from statuspin.errors import CannotRun


def ensure_consistent(file: Path, document: Document, pins: PinsFile) -> None:
    """Raise CannotRun for the first unknown name, with its place and the closest known name."""
    for place, kind, name, known in _find_names(document, pins):
        if name not in known:
            close = get_close_matches(name, known, 1)
            hint = (
                f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known)[:12]) or 'none'}"
            )
            raise CannotRun(f"{file}: {place}: unknown {kind} {name!r}{hint}")
    for name, actor in pins.actors.items():
        _ensure_has_scheme(f"{file}: actors → {name}", document, actor)
    _ensure_acyclic(file, "states", {name: state.after for name, state in pins.states.items()})
    _ensure_acyclic(file, "actors", {name: actor.tampered for name, actor in pins.actors.items()})


def _ensure_has_scheme(place: str, document: Document, actor: Actor) -> None:
    """Raise CannotRun if the document does not say how the actor's API key is sent."""
    if actor.api_key is not None:
        try:
            api_key_scheme(document, actor.scheme)
        except CannotRun as reason:
            raise CannotRun(f"{place}: {reason}") from None


def _ensure_acyclic(file: Path, part: str, before: dict[str, str | None]) -> None:
    """Raise CannotRun if the names that each name comes after form a cycle."""
    for name in before:
        way = [name]
        while following := before[way[-1]]:
            way.append(following)
            if following in way[:-1]:
                raise CannotRun(f"{file}: {part} → {name}: is part of a cycle: {' → '.join(way)}")


Named = tuple[str, str, str, list[str]]


def _find_names(document: Document, pins: PinsFile) -> Iterator[Named]:
    operations, actors = list(document.operations), list(pins.actors)
    yield from _head_names(pins, operations, actors, list(security_schemes(document)))
    for name, state in pins.states.items():
        if state.after:
            yield f"states → {name} → after", "state", state.after, list(pins.states)
        yield from _step_names(f"states → {name}", (*state.steps, *state.undo), operations, actors)
    for name, operation in pins.pins.items():
        yield "pins", "operation", name, operations
        yield from ((f"pins → {name} → states", "state", state, [NO_STATE, *pins.states]) for state in operation.states)
        yield from _row_names(pins, name, operation, operations)


def _head_names(pins: PinsFile, operations: list[str], actors: list[str], schemes: list[str]) -> Iterator[Named]:
    for name, actor in pins.actors.items():
        if actor.tampered:
            yield f"actors → {name} → tampered", "actor", actor.tampered, actors
        if actor.scheme:
            yield f"actors → {name} → scheme", "security scheme", actor.scheme, schemes
    if pins.fuzzer:
        yield "fuzzer", "actor", pins.fuzzer, actors
    for part in ("skip", "allow_untested", "examples_by_operation"):
        place = f"fuzz → {part.removesuffix('_by_operation')}"
        yield from ((place, "operation", name, operations) for name in getattr(pins.fuzz, part))
    yield from _login_names(pins.login, operations)
    for name, mode in (pins.service.modes if pins.service else {}).items():
        steps = [step for step in (mode.occupied_by, mode.until) if step]
        yield from _step_names(f"service → modes → {name}", steps, operations, actors)


def _login_names(login: Login | None, operations: list[str]) -> Iterator[Named]:
    if login and login.operation:
        yield "login", "operation", login.operation, operations
    if login and login.csrf and login.csrf.operation:
        yield "login → csrf", "operation", login.csrf.operation, operations


def _row_names(pins: PinsFile, name: str, operation: OperationPins, operations: list[str]) -> Iterator[Named]:
    actors, states = [ANY, *pins.actors], [ANY, *operation.states]
    modes = [ANY, AS_IT_IS, *(pins.service.modes if pins.service else [])]
    for number, row in enumerate(operation.rows, 1):
        place = f"pins → {name} → row {number}"
        yield from _axis_names(place, row.actor, actors, row.state, states)
        yield from ((place, "mode", mode, modes) for mode in row.mode)
        yield from _step_names(place, (*row.before, *row.then), operations, list(pins.actors))
    for number, each in enumerate(operation.impossible, 1):
        yield from _axis_names(f"pins → {name} → impossible {number}", each.actor, actors, each.state, states)


def _axis_names(
    place: str, actors: Iterable[str], known_actors: list[str], states: Iterable[str], known_states: list[str]
) -> Iterator[Named]:
    yield from ((place, "actor", actor, known_actors) for actor in actors)
    yield from ((place, "state of the operation", state, known_states) for state in states)


def _step_names(place: str, steps: Iterable[Step], operations: list[str], actors: list[str]) -> Iterator[Named]:
    for step in steps:
        yield f"{place} → {step.operation}", "operation", step.operation, operations
        yield f"{place} → {step.operation}", "actor", step.actor, actors
