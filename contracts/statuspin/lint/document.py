"""openapi.yaml by itself: valid OpenAPI, and every operation has a name of its own."""

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


def document_findings(document: Document) -> list[Finding]:
    """What is wrong with the document itself."""
    return [*_invalid(document), *_repeated(document), *_nameless(document)]


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


def _repeated(document: Document) -> Iterator[Finding]:
    for first, second in document.duplicates:
        yield Finding(
            "operation-id-repeated", Severity.ERROR, second.label, "operationId",
            f"its operationId {first.id!r} is that of {first.label}, too",
            why="Pins and generated clients cannot tell the two operations apart.",
        )  # fmt: skip
