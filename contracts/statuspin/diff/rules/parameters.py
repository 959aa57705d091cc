"""Operations: parameters, wherever they stand."""

from collections.abc import Callable
from typing import Any

from statuspin.diff.changes import Below, Change, Direction, Group, Said
from statuspin.diff.sides import OPERATIONS, Side, schema_of

_NOT_PARAMETERS = {("header", "accept"), ("header", "content-type"), ("header", "authorization")}
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}

Parameter = dict[str, Any]
Parameters = dict[tuple[str, str], Parameter]
PARAMETERS: Group[Callable[[Parameter, Parameter], Said]] = Group()


@OPERATIONS.rule("parameter-added", "parameter-location-changed", "parameter-removed", "required-parameter-added")
def parameters(old: Side, new: Side) -> Said:
    """Parameters are gone, new, or somewhere else; those that stay are compared."""
    gone, fresh = _only_in(old, new), _only_in(new, old)
    yield from _moved(gone, fresh)
    for parameter in gone.values():
        yield Change("parameter-removed", _place(parameter), "accepted", "gone")
    for parameter in fresh.values():
        rule = "required-parameter-added" if _is_required(parameter) else "parameter-added"
        yield Change(rule, _place(parameter), "not there", _need(parameter))
    for key in sorted(old.parameters.keys() & new.parameters.keys() - _NOT_PARAMETERS):
        for rule_ in PARAMETERS.rules:
            yield from rule_(old.parameters[key], new.parameters[key])


def _only_in(side: Side, other: Side) -> Parameters:
    keys = sorted(side.parameters.keys() - other.parameters.keys() - _NOT_PARAMETERS)
    return {key: side.parameters[key] for key in keys}


def _moved(gone: Parameters, fresh: Parameters) -> Said:
    """Parameters that changed their location; both mappings lose them."""
    for key in list(gone):
        other = next((each for each in fresh if fresh[each].get("name") == gone[key].get("name")), None)
        if other is not None:
            yield Change("parameter-location-changed", _place(gone[key]), f"in {key[0]}", f"in {other[0]}")
            del gone[key], fresh[other]


@PARAMETERS.rule("parameter-newly-optional", "parameter-newly-required")
def required(old: Parameter, new: Parameter) -> Said:
    """A parameter has to be sent now, or no longer."""
    if _is_required(old) != _is_required(new):
        yield Change(f"parameter-newly-{_need(new)}", _place(new), _need(old), _need(new))


@PARAMETERS.rule("parameter-style-changed")
def style(old: Parameter, new: Parameter) -> Said:
    """A value is written another way into the request."""
    if _style(old) != _style(new):
        yield Change("parameter-style-changed", _place(new), _style(old), _style(new))


@PARAMETERS.rule("parameter-deprecated")
def deprecated(old: Parameter, new: Parameter) -> Said:
    """A parameter is newly deprecated."""
    if new.get("deprecated") is True and old.get("deprecated") is not True:
        yield Change("parameter-deprecated", _place(new), "current", "deprecated")


@PARAMETERS.rule()
def schema(old: Parameter, new: Parameter) -> Said:
    """What a parameter takes is compared as something that clients send."""
    yield Below(_place(new), schema_of(old), schema_of(new), Direction.REQUEST)


def _place(parameter: Parameter) -> str:
    return f"{parameter.get('in', '')} parameter {parameter.get('name', '')}"


def _is_required(parameter: Parameter) -> bool:
    return parameter.get("required") is True or parameter.get("in") == "path"


def _need(parameter: Parameter) -> str:
    return "required" if _is_required(parameter) else "optional"


def _style(parameter: Parameter) -> str:
    content = parameter.get("content")
    if isinstance(content, dict):
        return f"as {next(iter(content), 'nothing')}"
    style = parameter.get("style", _STYLES.get(parameter.get("in", ""), "form"))
    exploded = parameter.get("explode", style in {"form", "cookie"})
    reserved = ", reserved characters allowed" if parameter.get("allowReserved") is True else ""
    return f"style {style}, {'exploded' if exploded else 'not exploded'}{reserved}"
