"""Represent OpenAPI documents in the library `referencing`. Imported only if a reference needs it."""

from collections.abc import Callable, Iterator
from typing import Any

from referencing import Anchor, Registry, Resource, Specification
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DynamicAnchor

from statuspin.errors import CannotRun
from statuspin.loading.files import File

_DATA = frozenset({"example", "examples", "value", "default", "const", "enum"})
_MAPS = frozenset(
    {
        *("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"),
        *("schemas", "responses", "parameters", "requestBodies", "headers", "links", "callbacks", "pathItems"),
        *("mediaTypes", "content", "encoding", "webhooks", "paths", "additionalOperations", "components"),
    }
)

Resolver = Any  # the class of referencing is generic in the type of schemas


def create_registry(root: File, load: Callable[[str], File], *, has_ids: bool) -> Any:
    """Create a registry that starts from `root` and retrieves other files with `load`.

    has_ids: whether $id, $self and anchors have a meaning, as in OpenAPI 3.1 and later.
    """
    specification = _WITH_IDS if has_ids else Specification.OPAQUE

    def retrieve(uri: str) -> Resource[Any]:
        return specification.create_resource(load(uri).data)

    registry: Registry[Any] = Registry(retrieve=retrieve)  # type: ignore[call-arg]
    return registry.with_resource(root.uri, specification.create_resource(root.data)).crawl()


def enter(resolver: Resolver, schema: dict[str, Any]) -> Resolver:
    """Return the resolver of references within a schema that has an $id."""
    return resolver.in_subresource(_WITH_IDS.create_resource(schema))


def look_up(resolver: Resolver, reference: str) -> tuple[Any, Resolver]:
    """Return the target of a reference, and the resolver there. Raises LookupError with the reason, if known."""
    try:
        resolved = resolver.lookup(reference)
    except Unresolvable as error:
        raise LookupError(_reason(error)) from None
    except (LookupError, TypeError, ValueError):  # a pointer into a list or a scalar, or an invalid URI
        raise LookupError("") from None
    return resolved.contents, resolved.resolver


def _id_of(contents: Any) -> str | None:
    if not isinstance(contents, dict):
        return None
    identifier = contents.get("$self" if "openapi" in contents else "$id")
    # An identifier that is only a fragment belongs to the document, not to a part of it.
    return identifier if isinstance(identifier, str) and identifier.partition("#")[0] else None


def _subresources_of(contents: Any) -> Iterator[Any]:
    """Yield every value within `contents` that may be a schema or have one. Examples and other data are not."""
    return filter(_may_be_resource, _values_of(contents))


def _values_of(contents: Any) -> Iterator[Any]:
    if isinstance(contents, list):
        yield from contents
    if not isinstance(contents, dict):
        return
    for name, child in contents.items():
        if isinstance(child, dict) and name in _MAPS:
            yield from child.values()
        elif name not in _DATA:
            yield child


def _may_be_resource(value: Any) -> bool:
    """Return whether a value may be a resource of the library, which expects every $schema to be a string."""
    return isinstance(value, list) or (isinstance(value, dict) and isinstance(value.get("$schema", ""), str))


def _anchors_in(specification: Specification[Any], contents: Any) -> Iterator[Any]:
    if not isinstance(contents, dict):
        return
    for keyword, anchor in (("$anchor", Anchor), ("$dynamicAnchor", DynamicAnchor)):
        if isinstance(name := contents.get(keyword), str):
            yield anchor(name=name, resource=specification.create_resource(contents))  # type: ignore[call-arg]


_WITH_IDS: Specification[Any] = Specification(  # type: ignore[call-arg]
    name="openapi",
    id_of=_id_of,
    subresources_of=_subresources_of,
    anchors_in=_anchors_in,
    maybe_in_subresource=lambda segments, resolver, subresource: resolver.in_subresource(subresource),  # noqa: ARG005
)


def _reason(error: BaseException) -> str:
    """Return why a file could not be read, if that is why the target of a reference does not exist."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) if isinstance(error, CannotRun) else ""
