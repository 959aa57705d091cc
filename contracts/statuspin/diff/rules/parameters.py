"""Rules for parameters in the path, query, header and cookies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from statuspin.diff import wording
from statuspin.diff.inclusion import arrays
from statuspin.diff.operation_side import OPERATIONS, OperationSide
from statuspin.diff.rule import Change, Direction, RuleResult, RuleSet, Subschema
from statuspin.diff.rules.members import compare_deprecated, default_changes
from statuspin.diff.schema.schema import SchemaNode

_DEEPEST = 6
_NOT_PARAMETERS = {("header", "accept"), ("header", "content-type"), ("header", "authorization")}
_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}

Parameter = dict[str, Any]
Parameters = dict[tuple[str, str], Parameter]


@dataclass(frozen=True)
class ParameterPair:
    """A parameter in both documents."""

    old: Parameter
    new: Parameter
    old_side: OperationSide
    new_side: OperationSide

    @property
    def schemas(self) -> tuple[SchemaNode, SchemaNode]:
        """Both schemas."""
        return self.old_side.schema(self.old), self.new_side.schema(self.new)

    @property
    def place(self) -> str:
        """The readable place, such as `query parameter page`."""
        return _place(self.new)


PARAMETERS: RuleSet[Callable[[ParameterPair], RuleResult]] = RuleSet()


@OPERATIONS.rule("parameter-added", "parameter-location-changed", "parameter-removed", "required-parameter-added")
def parameters(old: OperationSide, new: OperationSide) -> RuleResult:
    """Report removed, added and moved parameters, and compare the others."""
    gone, fresh = _only_in(old, new), _only_in(new, old)
    yield from _report_moved(gone, fresh)
    for parameter in gone.values():
        yield Change("parameter-removed", _place(parameter), "accepted", "removed")
    for parameter in fresh.values():
        rule = "required-parameter-added" if _is_required(parameter) else "parameter-added"
        yield Change(rule, _place(parameter), "not there", _need(parameter))
    for key in sorted(old.parameters.keys() & new.parameters.keys() - _NOT_PARAMETERS):
        pair = ParameterPair(old.parameters[key], new.parameters[key], old, new)
        for rule_ in PARAMETERS.rules:
            yield from rule_(pair)


def _only_in(side: OperationSide, other: OperationSide) -> Parameters:
    keys = sorted(side.parameters.keys() - other.parameters.keys() - _NOT_PARAMETERS)
    return {key: side.parameters[key] for key in keys}


def _report_moved(gone: Parameters, fresh: Parameters) -> RuleResult:
    """Report parameters that changed their location, and remove them from both mappings."""
    for key in list(gone):
        other = next((each for each in fresh if fresh[each].get("name") == gone[key].get("name")), None)
        if other is not None:
            yield Change("parameter-location-changed", _place(gone[key]), f"in {key[0]}", f"in {other[0]}")
            del gone[key], fresh[other]


@PARAMETERS.rule("parameter-newly-optional", "parameter-newly-required")
def required(pair: ParameterPair) -> RuleResult:
    """Report parameters that became required or optional."""
    if _is_required(pair.old) != _is_required(pair.new):
        yield Change(f"parameter-newly-{_need(pair.new)}", pair.place, _need(pair.old), _need(pair.new))


@PARAMETERS.rule("parameter-style-changed")
def style(pair: ParameterPair) -> RuleResult:
    """Report another serialization of a value."""
    is_scalar = all(node.schema.value_types <= _SCALARS for node in pair.schemas)
    before, after = (_style(each, is_scalar=is_scalar) for each in (pair.old, pair.new))
    if before != after:
        yield Change("parameter-style-changed", pair.place, before, after)


@PARAMETERS.rule("parameter-empty-value-accepted", "parameter-empty-value-refused")
def empty_value(pair: ParameterPair) -> RuleResult:
    """Report a change of allowEmptyValue."""
    before, after = (each.get("allowEmptyValue") is True for each in (pair.old, pair.new))
    if before != after:
        texts = ("may be empty" if is_allowed else "never empty" for is_allowed in (before, after))
        yield Change(f"parameter-empty-value-{'accepted' if after else 'refused'}", pair.place, *texts)


@PARAMETERS.rule("parameter-reserved-accepted", "parameter-reserved-refused")
def reserved(pair: ParameterPair) -> RuleResult:
    """Report a change of allowReserved."""
    before, after = (each.get("allowReserved") is True for each in (pair.old, pair.new))
    if before != after:
        texts = ("not encoded" if is_allowed else "encoded" for is_allowed in (before, after))
        yield Change(f"parameter-reserved-{'accepted' if after else 'refused'}", pair.place, *texts)


@PARAMETERS.rule("parameter-deprecated", "parameter-undeprecated")
def deprecated(pair: ParameterPair) -> RuleResult:
    """Report parameters that became deprecated, or no longer are."""
    yield from compare_deprecated("parameter", pair.place, pair.old, pair.new)


@PARAMETERS.rule()
def default(pair: ParameterPair) -> RuleResult:
    """Report another default of an optional parameter."""
    if pair.new.get("required") is not True:
        old, new = (node.schema for node in pair.schemas)
        yield from default_changes(Direction.REQUEST, pair.place, old, new)


@PARAMETERS.rule()
def schema(pair: ParameterPair) -> RuleResult:
    """Compare the values of a parameter, as text unless it has `content`."""
    old, new = pair.schemas
    is_text = "content" not in pair.old and "content" not in pair.new
    was_single, is_single = ("array" not in node.schema.types for node in (old, new))
    was_repeated, is_repeated = _repeats(pair.old, old), _repeats(pair.new, new)
    may_be_element = is_text and is_repeated and was_single and not pair.old_side.is_received
    if may_be_element and (element := _only_element(new)) is not None:
        yield Change("request-type-widened", pair.place, wording.types(old.schema), wording.types(new.schema))
        new = element
    elif (was_repeated and is_single) or (is_repeated and was_single):
        is_text = False
    yield Subschema(pair.place, old, new, Direction.REQUEST, is_text)


def _repeats(parameter: Parameter, node: SchemaNode) -> bool:
    """Return whether a parameter is an array whose elements are written as `name=a&name=b`."""
    if parameter.get("in") not in {"query", "cookie"} or node.schema.value_types != {"array"}:
        return False
    return parameter.get("explode", parameter.get("style", "form") == "form") is True


def _only_element(node: SchemaNode, depth: int = 0) -> SchemaNode | None:
    """Return the schema of the only element of an array, which is written like a single value.

    Return None if one element is not enough, or if it is not decided which ones are.
    """
    schema = node.schema
    least, most = arrays.length_of(schema)
    if (
        depth > _DEEPEST
        or not least <= 1 <= most
        or schema.contains
        or schema.nots
        or schema.conditionals
        or len(schema.unions) > 1
    ):
        return None
    element = arrays.element(schema, 0) or node.reader.true
    for union in schema.unions:
        elements = [_only_element(variant, depth + 1) for variant in union.variants]
        known = [each.raw for each in elements if each is not None]
        if len(known) < len(elements):
            return None
        element = node.reader.both(element, node.reader.node({"oneOf" if union.is_exclusive else "anyOf": known}))
    return element


def _place(parameter: Parameter) -> str:
    return f"{parameter.get('in', '')} parameter {parameter.get('name', '')}"


def _is_required(parameter: Parameter) -> bool:
    return parameter.get("required") is True or parameter.get("in") == "path"


def _need(parameter: Parameter) -> str:
    return "required" if _is_required(parameter) else "optional"


def _style(parameter: Parameter, *, is_scalar: bool) -> str:
    content = parameter.get("content")
    if isinstance(content, dict):
        return f"as {next(iter(content), 'nothing')}"
    style = parameter.get("style", _STYLES.get(parameter.get("in", ""), "form"))
    exploded = parameter.get("explode", style in {"form", "cookie"})
    if is_scalar and style in {"form", "simple"}:
        return f"style {style}"
    return f"style {style}, {'exploded' if exploded else 'not exploded'}"
