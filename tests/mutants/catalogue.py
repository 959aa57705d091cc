"""The catalogue of mutants. A mutant is one seeded regression, stored as exact-text replacements in the service."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

FOLDER = Path(__file__).parent / "catalogue"


class InvalidMutant(Exception):
    """A file of the catalogue is not valid, or a mutant does not apply to the service."""


class Edit(BaseModel):
    """Replace one text in one file. The text occurs exactly once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    replace: str = Field(min_length=1)
    replacement: str = Field(alias="with")


class Mutant(BaseModel):
    """One seeded regression.

    operations: the operations that it breaks; only their pins run. requirement: its number in the requirements, or "-".
    expects: the pins that should notice it. They run first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    operations: tuple[str, ...] = Field(min_length=1)
    requirement: str = "-"
    expects: str
    edits: tuple[Edit, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _accept_a_single_edit(cls, data: dict[str, object]) -> dict[str, object]:
        if "edits" in data:
            return data
        members = {"file", "replace", "with"}
        edit = {name: value for name, value in data.items() if name in members}
        return {**{name: value for name, value in data.items() if name not in members}, "edits": [edit]}

    def apply(self, root: Path) -> dict[Path, str]:
        """Apply the edits below `root` in order, and return the previous text of each changed file.

        Raises InvalidMutant, before any file is changed, if a string does not occur exactly once.
        """
        before: dict[Path, str] = {}
        after: dict[Path, str] = {}
        for edit in self.edits:
            path = root / edit.file
            if path not in before:
                before[path] = after[path] = self._read(path, edit.file)
            occurrences = after[path].count(edit.replace)
            if occurrences != 1:
                raise InvalidMutant(
                    f"mutant {self.name}: {edit.file}: the text to replace occurs {occurrences} times instead of once:"
                    f"\n{edit.replace}"
                )
            after[path] = after[path].replace(edit.replace, edit.replacement)
        for path, text in after.items():
            path.write_text(text)
        return before

    def _read(self, path: Path, file: str) -> str:
        try:
            return path.read_text()
        except FileNotFoundError:
            raise InvalidMutant(f"mutant {self.name}: {file}: the file does not exist") from None


_MUTANTS = TypeAdapter(list[Mutant])


def read_catalogue(folder: Path = FOLDER) -> list[Mutant]:
    """Read every mutant, sorted by name. Raises InvalidMutant if a file is not valid or a name is used twice."""
    mutants: dict[str, Mutant] = {}
    for path in sorted(folder.glob("*.yaml")):
        for mutant in _read_file(path):
            if mutant.name in mutants:
                raise InvalidMutant(f"{path}: the name {mutant.name} is used twice")
            mutants[mutant.name] = mutant
    return [mutants[name] for name in sorted(mutants)]


def sample(mutants: list[Mutant], count: int) -> list[Mutant]:
    """Return `count` of the mutants, spread evenly over the catalogue."""
    step = max(len(mutants) / count, 1.0)
    return [mutants[int(number * step)] for number in range(min(count, len(mutants)))]


def _read_file(path: Path) -> list[Mutant]:
    try:
        return _MUTANTS.validate_python(yaml.safe_load(path.read_text()))
    except (yaml.YAMLError, ValidationError) as error:
        raise InvalidMutant(f"{path}: {error}") from None
