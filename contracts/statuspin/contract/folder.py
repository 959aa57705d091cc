"""A contract folder: openapi.yaml, pins.yaml and the waivers."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from statuspin.contract.consistency import ensure_consistent
from statuspin.contract.document import Document
from statuspin.contract.matrix import Pin, expand_matrix
from statuspin.contract.pins import PinsFile
from statuspin.contract.security import security_schemes
from statuspin.errors import CannotRun
from statuspin.loading.sources import Source


@dataclass(frozen=True)
class Contract:
    """A contract: an OpenAPI document, and the pins of its responses by actor and state."""

    folder: Path
    document: Document
    pins: PinsFile

    @classmethod
    def read(cls, folder: Path, *, allow_remote: bool = False) -> "Contract":
        """Return the contract in `folder`. Raises CannotRun if a file is missing or invalid.

        allow_remote: whether references to other servers are followed.
        """
        if not folder.is_dir():
            fault = "is not a folder" if folder.exists() else "does not exist"
            raise CannotRun(f"{folder} {fault}; pass a contract folder with --contract")
        document = Document.read(folder, allow_remote=allow_remote)
        if not pins_file(folder).is_file():
            raise CannotRun(f"{folder} has no pins.yaml; create one with `statuspin init {document.name}`")
        contract = cls(folder, document, PinsFile.read(pins_file(folder)))
        ensure_consistent(pins_file(folder), document, contract.pins)
        return contract

    @classmethod
    def from_source(cls, source: Source, document: Document) -> "Contract | None":
        """Return the contract of a document and the pins.yaml in its folder, or None if that file does not exist."""
        file = source.find_sibling("pins.yaml") if source.is_folder else None
        if file is None:
            return None
        contract = cls(Path(file.name).parent, document, PinsFile.from_data(file.data, file.name))
        ensure_consistent(Path(file.name), document, contract.pins)
        return contract

    @cached_property
    def matrix(self) -> list[Pin]:
        """Every pin."""
        return expand_matrix(self.pins)

    @cached_property
    def secret_names(self) -> frozenset[str]:
        """The names of headers, parameters and members that hold credentials, in lower case."""
        names = [each.parameter for each in security_schemes(self.document).values()]
        login = self.pins.login
        names += [login.token.rpartition(".")[2]] if login and login.token else []
        names += [login.csrf.header or login.csrf.field or ""] if login and login.csrf else []
        return frozenset(name.lower() for name in names if name)

    def with_redacted(self, names: Iterable[str]) -> "Contract":
        """Return the contract with more names to redact, such as those of headers from options."""
        return replace(self, pins=self.pins.model_copy(update={"redact": (*self.pins.redact, *names)}))


def pins_file(folder: Path) -> Path:
    """Return the path of pins.yaml in a contract folder."""
    return folder / "pins.yaml"
