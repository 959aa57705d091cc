"""openapi.yaml by itself: valid OpenAPI, and every reference leads somewhere."""

from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator, OpenAPIV32SpecValidator

from statuspin.contract.document import Document
from statuspin.findings import Finding, Severity

_VALIDATORS: dict[str, Any] = {
    "3.0": OpenAPIV30SpecValidator,
    "3.1": OpenAPIV31SpecValidator,
    "3.2": OpenAPIV32SpecValidator,
}
_LONGEST = 300
_MOST_HOPS = 100


def document_findings(document: Document) -> list[Finding]:
    """What is wrong with the document itself. Where references lead nowhere, nothing further is looked at."""
    dangling = sorted(set(_dangling(document, document.raw, "")))
    if dangling:
        return [
            Finding(
                "reference-unresolved", Severity.ERROR, "", place, f"{place}: {reference} leads nowhere in it",
                why="Nobody can tell what the contract says there.",
            )
            for place, reference in dangling
        ]  # fmt: skip
    return [*_invalid(document), *_nameless(document)]


def _invalid(document: Document) -> Iterator[Finding]:
    validator = _VALIDATORS.get(document.version[:3], OpenAPIV31SpecValidator)
    for error in validator(document.raw).iter_errors():
        place = " → ".join(str(part) for part in getattr(error, "absolute_path", ()))
        message = " ".join(str(getattr(error, "message", error)).split()).partition(" Failed validating ")[0][:_LONGEST]
        yield Finding(
            "openapi-invalid",
            Severity.ERROR,
            "",
            place,
            f"{place}: {message}" if place else message,
            why="Tools may read it in different ways.",
        )


def _nameless(document: Document) -> Iterator[Finding]:
    for operation in document.operations.values():
        if "operationId" not in operation.raw:
            yield Finding(
                "operation-nameless", Severity.WARNING, operation.label, "operationId",
                "it has no operationId, so that pins know it by method and path only",
            )  # fmt: skip


def _dangling(document: Document, node: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for number, child in enumerate(node):
            yield from _dangling(document, child, f"{place} → {number}")
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str) and not _leads_somewhere(document, node):
        yield place.removeprefix(" → "), reference
    for name, child in node.items():
        if name not in {"example", "examples", "value", "default", "const", "enum"}:
            yield from _dangling(document, child, f"{place} → {name}")


def _leads_somewhere(document: Document, node: Any) -> bool:
    """Whether a reference ends within the document at something that is none itself."""
    for _ in range(_MOST_HOPS):
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            return True
        if not node["$ref"].startswith("#"):
            return False
        try:
            node = document.at(node["$ref"])
        except KeyError:
            return False
    return False
