"""Small documents and contracts that tests start from."""

from pathlib import Path
from typing import Any

import yaml

from statuspin.contract.document import Document
from statuspin.contract.folder import Contract


def raw(paths: dict[str, Any], *, version: str = "3.1.0", **more: Any) -> dict[str, Any]:
    """An OpenAPI document of these paths."""
    return {"openapi": version, "info": {"title": "Sample", "version": "1.0.0"}, "paths": paths, **more}


def document(paths: dict[str, Any], *, version: str = "3.1.0", **more: Any) -> Document:
    """The same, read."""
    return Document(raw(paths, version=version, **more), "openapi.yaml")


def operation(name: str, *statuses: str, **more: Any) -> dict[str, Any]:
    """An operation object with responses that say nothing but their status."""
    return {
        "operationId": name,
        "responses": {status: {"description": "It"} for status in statuses or ("200",)},
        **more,
    }


def answering(schema: Any, *, media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    """A response object with a body."""
    return {"description": "It", "content": {media_type: {"schema": schema}}, **more}


def written(folder: Path, document: dict[str, Any], pins: dict[str, Any]) -> Path:
    """A contract folder with both files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openapi.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    (folder / "pins.yaml").write_text(yaml.safe_dump(pins, sort_keys=False))
    return folder


def contract(folder: Path, document: dict[str, Any], pins: dict[str, Any]) -> Contract:
    """The contract of both."""
    return Contract.read(written(folder, document, pins))
