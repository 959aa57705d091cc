"""The catalogue: each mutant is a patch of the service with a header that says what it is."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "catalogue"


@dataclass(frozen=True)
class Mutant:
    """One seeded regression. operations: those that it touches. expects: who should notice, as far as known."""

    name: str
    title: str
    operations: tuple[str, ...]
    requirement: str
    expects: str
    patch: Path


def catalogue() -> list[Mutant]:
    """Every mutant, by name."""
    return [_read(path) for path in sorted(FOLDER.glob("*.patch"))]


def sample(mutants: list[Mutant], count: int) -> list[Mutant]:
    """`count` of the mutants, spread evenly over the catalogue."""
    step = max(len(mutants) / count, 1.0)
    return [mutants[int(number * step)] for number in range(min(count, len(mutants)))]


def _read(path: Path) -> Mutant:
    header: dict[str, str] = {}
    for line in path.read_text().splitlines():
        if not line.startswith("# "):
            break
        name, _, value = line.removeprefix("# ").partition(": ")
        header[name] = value.strip()
    operations = tuple(name.strip() for name in header["operations"].split(","))
    return Mutant(path.stem, header["title"], operations, header["requirement"], header["expects"], path)
