"""A contract folder: openapi.yaml, pins.yaml, and waivers beside them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from contracts.errors import CannotRun
from contracts.model.consistency import ensure_consistent
from contracts.model.document import Document
from contracts.model.matrix import Pin, multiplied_out
from contracts.model.pins import PinsFile

DEFAULT = Path("contracts/specs/current")


@dataclass(frozen=True)
class Contract:
    """A contract: what openapi.yaml promises, and the pins that say to whom and when."""

    folder: Path
    document: Document
    pins: PinsFile

    @classmethod
    def read(cls, folder: Path) -> "Contract":
        """The contract in `folder`. Raises CannotRun where a file is missing or wrong."""
        if not folder.is_dir():
            mend = "is no folder" if folder.exists() else "does not exist"
            raise CannotRun(f"{folder} {mend}; name a contract folder with --contract")
        document = Document.read(folder)
        if not pins_file(folder).is_file():
            raise CannotRun(f"{folder} holds no pins.yaml; `python -m contracts init {document.name}` makes one")
        contract = cls(folder, document, PinsFile.read(pins_file(folder)))
        ensure_consistent(pins_file(folder), document, contract.pins)
        return contract

    @cached_property
    def matrix(self) -> list[Pin]:
        """Every pin."""
        return multiplied_out(self.pins)


def pins_file(folder: Path) -> Path:
    """Where a contract folder has its pins."""
    return folder / "pins.yaml"
