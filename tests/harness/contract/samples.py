"""Small documents and contracts for the tests."""

from pathlib import Path
from typing import Any

import yaml

from statuspin.contract.document import Document
from statuspin.contract.folder import Contract


def raw(paths: dict[str, Any], *, version: str = "3.1.0", **more: Any) -> dict[str, Any]:
    """Return an OpenAPI document with these paths."""
    return {"openapi": version, "info": {"title": "Sample", "version": "1.0.0"}, "paths": paths, **more}


def document(paths: dict[str, Any], *, version: str = "3.1.0", **more: Any) -> Document:
    """Return the same document, parsed."""
    return Document(raw(paths, version=version, **more), "openapi.yaml")


def operation(name: str, *statuses: str, **more: Any) -> dict[str, Any]:
    """Return an operation object whose responses have only a status."""
    return {
        "operationId": name,
        "responses": {status: {"description": "It"} for status in statuses or ("200",)},
        **more,
    }


def body_response(schema: Any, *, media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    """Return a response object with a body."""
    return {"description": "It", "content": {media_type: {"schema": schema}}, **more}


def write_contract(folder: Path, document: dict[str, Any], pins: dict[str, Any]) -> Path:
    """Write a contract folder with both files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openapi.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    (folder / "pins.yaml").write_text(yaml.safe_dump(pins, sort_keys=False))
    return folder


def contract(folder: Path, document: dict[str, Any], pins: dict[str, Any]) -> Contract:
    """Write and read a contract."""
    return Contract.read(write_contract(folder, document, pins))
