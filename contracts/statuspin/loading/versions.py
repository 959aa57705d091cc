"""Check the OpenAPI version of a document, and the members that the version requires."""

from statuspin.errors import CannotRun
from statuspin.loading.files import File
from statuspin.loading.pointers import kind_of


def openapi_version(file: File) -> str:
    """Return the version that a document states. Raises CannotRun if it is not 3.0, 3.1 or 3.2, or has no paths."""
    if not isinstance(file.data, dict):
        raise CannotRun(f"{file.name}: an object is expected at the top, not {kind_of(file.data)}")
    version = file.data.get("openapi")
    if str(version).startswith(("3.0", "3.1", "3.2")):
        _require_paths(file, str(version))
        return str(version)
    if "swagger" in file.data:
        stated = f"it is Swagger {file.data['swagger']}"
    else:
        stated = f"it says openapi: {version}" if "openapi" in file.data else "it has no member `openapi`"
    hint = "convert it to OpenAPI 3 first" if "swagger" in file.data else "use version 3.0, 3.1 or 3.2"
    raise CannotRun(f"{file.name}: not an OpenAPI 3 document: {stated}; {hint}")


def _require_paths(file: File, version: str) -> None:
    """Raise CannotRun for a misspelled `paths`, which would make every operation appear to be removed."""
    known = ("paths",) if version.startswith("3.0") else ("paths", "webhooks", "components")
    if not any(name in file.data for name in known):
        raise CannotRun(f"{file.name}: not an OpenAPI document: it has no {' or '.join(f'`{each}`' for each in known)}")
