"""The source that is a YAML file, read once at the start."""

from pathlib import Path
from uuid import UUID

import yaml
from pydantic import ValidationError

from app.context.document import ContextDocument
from app.context.known import recognize
from app.context.source import InvalidContext, Known


class FileContext:
    """The contexts in a file."""

    def __init__(self, path: Path) -> None:
        """Read the file. Raises InvalidContext."""
        document = _read(path)
        self._common = recognize(document)
        self._organizations = {key: recognize(each) for key, each in document.organizations.items()}

    async def find(self, organization_id: UUID, token: str) -> Known | None:  # noqa: ARG002 - the protocol
        """Return what is known of the organization."""
        return self._organizations.get(organization_id, self._common)

    async def aclose(self) -> None:
        """Release nothing: the file is closed."""


def _read(path: Path) -> ContextDocument:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return ContextDocument.model_validate({} if content is None else content, extra="forbid")
    except OSError as error:
        raise InvalidContext(f"CONTEXT_FILE {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InvalidContext(f"CONTEXT_FILE {path}: the file is not UTF-8") from error
    except yaml.YAMLError as error:
        raise InvalidContext(f"CONTEXT_FILE {path} is not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"])) or "top level"
        raise InvalidContext(f"CONTEXT_FILE {path}, {place}: {' '.join(fault['msg'].split())}") from error
