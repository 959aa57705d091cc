"""openapi.yaml by itself: valid OpenAPI, and every operation has a name of its own."""

from collections.abc import Iterator

from statuspin.contract.document import Document, Operation
from statuspin.findings import Finding, Severity
from statuspin.lint.official import invalid_places


def document_findings(document: Document) -> list[Finding]:
    """What is wrong with the document itself."""
    return [*_invalid(document), *_paths(document), *_repeated(document), *_nameless(document)]


def _invalid(document: Document) -> Iterator[Finding]:
    empty = ((keys, "nothing is behind the name; leave it out, or write {} or []") for keys in document.empty)
    for keys, message in (*empty, *invalid_places(document)):
        place = " → ".join(map(str, keys))
        yield Finding(
            "openapi-invalid", Severity.ERROR, "", place, f"{place}: {message}" if place else message,
            why="Tools may read it in different ways.", new=document.location(keys),
        )  # fmt: skip


def _paths(document: Document) -> Iterator[Finding]:
    """Parameters of a path that nothing describes, or the reverse."""
    for operation in document.operations.values():
        described = {name for where, name in _parameters(document, operation) if where == "path"}
        named = set(operation.path_parameters)
        for name in sorted(named ^ described):
            said = "is not among its parameters" if name in named else "is not in its path"
            yield Finding(
                "path-parameter-unmatched", Severity.ERROR, operation.id, "parameters",
                f"the path parameter {name!r} {said}", why="Clients cannot know where its value goes.",
            )  # fmt: skip


def _parameters(document: Document, operation: Operation) -> Iterator[tuple[str, str]]:
    for holder in (operation.item, operation.raw):
        for parameter in map(document.resolve, holder.get("parameters", ())):
            yield parameter["in"], parameter["name"]


def _nameless(document: Document) -> Iterator[Finding]:
    for operation in document.operations.values():
        if "operationId" not in operation.raw:
            yield Finding(
                "operation-nameless", Severity.WARNING, operation.label, "operationId",
                "it has no operationId, so that pins know it by method and path only",
            )  # fmt: skip


def _repeated(document: Document) -> Iterator[Finding]:
    for first, second in document.duplicates:
        yield Finding(
            "operation-id-repeated", Severity.ERROR, second.label, "operationId",
            f"its operationId {first.id!r} is that of {first.label}, too",
            why="Pins and generated clients cannot tell the two operations apart.",
        )  # fmt: skip
