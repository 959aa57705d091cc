"""OpenAPI documents and their files as the library `referencing` knows them. Imported only if a reference needs it."""

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

Resolver = Any  # referencing's own, which is generic in what schemas are


def registry_of(root: File, load: Callable[[str], File], *, has_ids: bool) -> Any:
    """A registry that starts from `root` and retrieves other files with `load`.

    has_ids: whether $id, $self and anchors mean anything, which they do from OpenAPI 3.1 on.
    """
    specification = _WITH_IDS if has_ids else Specification.OPAQUE

    def retrieve(uri: str) -> Resource[Any]:
        return specification.create_resource(load(uri).data)

    registry: Registry[Any] = Registry(retrieve=retrieve)  # type: ignore[call-arg]
    return registry.with_resource(root.uri, specification.create_resource(root.data)).crawl()


def enter(resolver: Resolver, schema: dict[str, Any]) -> Resolver:
    """The resolver of references within a schema that has an $id."""
    return resolver.in_subresource(_WITH_IDS.create_resource(schema))


def look_up(resolver: Resolver, reference: str) -> tuple[Any, Resolver]:
    """What a reference leads to, and the resolver there. Raises LookupError with the reason, if more is known."""
    try:
        resolved = resolver.lookup(reference)
    except Unresolvable as error:
        raise LookupError(_reason(error)) from None
    except (LookupError, TypeError, ValueError):  # a pointer into a list, a scalar or a URI that is none
        raise LookupError("") from None
    return resolved.contents, resolved.resolver


def _id_of(contents: Any) -> str | None:
    if not isinstance(contents, dict):
        return None
    identifier = contents.get("$self" if "openapi" in contents else "$id")
    # An identifier of nothing but a fragment is the document's own, which a part of it must not take.
    return identifier if isinstance(identifier, str) and identifier.partition("#")[0] else None


def _subresources_of(contents: Any) -> Iterator[Any]:
    """Every value within `contents` that may be a schema, or hold one; examples and other data are none."""
    if isinstance(contents, list):
        yield from (child for child in contents if isinstance(child, dict | list))
    if not isinstance(contents, dict):
        return
    for name, child in contents.items():
        if isinstance(child, dict) and name in _MAPS:
            yield from (each for each in child.values() if isinstance(each, dict | list))
        elif isinstance(child, dict | list) and name not in _DATA:
            yield child


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
    """Why a file could not be read, if that is why a reference leads nowhere."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) if isinstance(error, CannotRun) else ""
