"""A contract folder: openapi.yaml, pins.yaml, and waivers beside them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from statuspin.contract.consistency import ensure_consistent
from statuspin.contract.document import Document
from statuspin.contract.matrix import Pin, multiplied_out
from statuspin.contract.pins import PinsFile
from statuspin.contract.security import security_schemes
from statuspin.errors import CannotRun
from statuspin.loading.sources import Source


@dataclass(frozen=True)
class Contract:
    """A contract: what openapi.yaml promises, and the pins that say to whom and when."""

    folder: Path
    document: Document
    pins: PinsFile

    @classmethod
    def read(cls, folder: Path, *, allow_remote: bool = False) -> "Contract":
        """The contract in `folder`. Raises CannotRun if a file is missing or wrong.

        allow_remote: whether references may lead to other servers.
        """
        if not folder.is_dir():
            mend = "is no folder" if folder.exists() else "does not exist"
            raise CannotRun(f"{folder} {mend}; name a contract folder with --contract")
        document = Document.read(folder, allow_remote=allow_remote)
        if not pins_file(folder).is_file():
            raise CannotRun(f"{folder} holds no pins.yaml; `statuspin init {document.name}` makes one")
        contract = cls(folder, document, PinsFile.read(pins_file(folder)))
        ensure_consistent(pins_file(folder), document, contract.pins)
        return contract

    @classmethod
    def beside(cls, source: Source, document: Document) -> "Contract | None":
        """The contract of a document of a source, with the pins.yaml beside it; None if there is none."""
        file = source.beside("pins.yaml") if source.is_folder else None
        if file is None:
            return None
        contract = cls(Path(file.name).parent, document, PinsFile.of(file.data, file.name))
        ensure_consistent(Path(file.name), document, contract.pins)
        return contract

    @cached_property
    def matrix(self) -> list[Pin]:
        """Every pin."""
        return multiplied_out(self.pins)

    @cached_property
    def secret_names(self) -> frozenset[str]:
        """The names, in lower case, of headers, parameters and members that hold credentials by the contract."""
        names = [each.parameter for each in security_schemes(self.document).values()]
        login = self.pins.login
        names += [login.token.rpartition(".")[2]] if login and login.token else []
        names += [login.csrf.header or login.csrf.field or ""] if login and login.csrf else []
        return frozenset(name.lower() for name in names if name)

    def with_redacted(self, names: Iterable[str]) -> "Contract":
        """Return the contract with more words to redact, such as the names of headers that an option gave."""
        return replace(self, pins=self.pins.model_copy(update={"redact": (*self.pins.redact, *names)}))


def pins_file(folder: Path) -> Path:
    """Where a contract folder has its pins."""
    return folder / "pins.yaml"
