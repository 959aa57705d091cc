"""Check openapi.yaml: it has to be valid OpenAPI, with a unique name for every operation."""

from collections.abc import Iterator

from statuspin.contract.document import Document, Operation
from statuspin.findings import Finding, Severity
from statuspin.lint.official import invalid_places


def document_findings(document: Document) -> list[Finding]:
    """Return the faults of the document."""
    return [*_invalid(document), *_paths(document), *_repeated_ids(document), *_missing_ids(document)]


def _invalid(document: Document) -> Iterator[Finding]:
    empty = ((keys, "the name has no value; remove it, or write {} or []") for keys in document.empty)
    for keys, message in (*empty, *invalid_places(document)):
        place = " → ".join(map(str, keys))
        yield Finding(
            "openapi-invalid", Severity.ERROR, "", place, f"{place}: {message}" if place else message,
            why="Tools may read it in different ways.", new=document.location(keys),
        )  # fmt: skip


def _paths(document: Document) -> Iterator[Finding]:
    """Find path parameters that are not described, and described path parameters that are not in the path."""
    for operation in document.operations.values():
        described = {name for place, name in _parameters(document, operation) if place == "path"}
        named = set(operation.path_parameters)
        for name in sorted(named ^ described):
            fault = "is not among its parameters" if name in named else "is not in its path"
            yield Finding(
                "path-parameter-unmatched", Severity.ERROR, operation.id, "parameters",
                f"the path parameter {name!r} {fault}", why="Clients cannot know where its value goes.",
            )  # fmt: skip


def _parameters(document: Document, operation: Operation) -> Iterator[tuple[str, str]]:
    for holder in (operation.item, operation.raw):
        for parameter in map(document.resolve, holder.get("parameters", ())):
            yield parameter["in"], parameter["name"]


def _missing_ids(document: Document) -> Iterator[Finding]:
    for operation in document.operations.values():
        if "operationId" not in operation.raw:
            yield Finding(
                "operation-nameless", Severity.WARNING, operation.label, "operationId",
                "it has no operationId, so pins must name it by method and path",
            )  # fmt: skip


def _repeated_ids(document: Document) -> Iterator[Finding]:
    for first, second in document.duplicates:
        yield Finding(
            "operation-id-repeated", Severity.ERROR, second.label, "operationId",
            f"its operationId {first.id!r} is also that of {first.label}",
            why="Pins and generated clients cannot distinguish the two operations.",
        )  # fmt: skip
