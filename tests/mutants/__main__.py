"""Every mutant, or some, and what became of it: `python -m tests.mutants [NAME …]`; exit 1 where one survives."""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from statuspin.contract.folder import Contract
from tests.mutants.catalogue import Mutant, catalogue, sample
from tests.mutants.running import Fate, Laboratory
from tests.support.cluster import Cluster, drop_database, name_of
from tests.support.command_line import CHECKOUT
from tests.support.demo_accounts import database_with_accounts


@click.command()
@click.argument("names", nargs=-1)
@click.option("--sample", "count", type=click.IntRange(1), help="So many, spread over the catalogue.")
@click.option("--fuzzer/--no-fuzzer", default=True, help="Whether plain Schemathesis is tried on each as well.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 16), help="Mutants at once.")
@click.option("--output", type=click.Path(path_type=Path), help="The table as JSON, for `statuspin report --mutants`.")
def main(names: tuple[str, ...], count: int | None, output: Path | None, workers: int, *, fuzzer: bool) -> None:
    """Try mutants and print the kill table."""
    known = catalogue()
    chosen = [mutant for mutant in known if mutant.name in names] if names else known
    if unknown := set(names) - {mutant.name for mutant in known}:
        click.echo(f"error: no mutant is called {', '.join(sorted(unknown))}", err=True)
        sys.exit(2)
    chosen = sample(chosen, count) if count else chosen
    begun = time.perf_counter()
    fates = run(chosen, workers=workers, fuzzer=fuzzer, told=lambda fate: click.echo(_line(fate)))
    click.echo(f"{_tally(fates)} in {time.perf_counter() - begun:.0f} s")
    if output:
        output.write_text(json.dumps({"mutants": [_recorded(fate) for fate in fates]}, ensure_ascii=False, indent=1))
    sys.exit(any(fate.killer is None for fate in fates))


def run(mutants: Iterable[Mutant], *, workers: int, fuzzer: bool, told: Callable[[Fate], None]) -> list[Fate]:
    """Try mutants, `workers` of them at once, on a PostgreSQL of the run's own; `told` hears of each at once."""
    cluster = Cluster()
    cluster.start()
    try:
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
            return asyncio.run(_run(list(mutants), Path(folder), workers, told, fuzzer=fuzzer))
    finally:
        cluster.stop()


async def _run(
    mutants: list[Mutant], folder: Path, workers: int, told: Callable[[Fate], None], *, fuzzer: bool
) -> list[Fate]:
    contract = Contract.read(CHECKOUT / "contracts/specs/current")
    template = await database_with_accounts()
    waiting, fates = iter(mutants), dict[str, Fate]()

    async def work(number: int) -> None:
        laboratory = Laboratory(folder / str(number), contract)
        for mutant in waiting:
            fates[mutant.name] = await laboratory.fate(mutant, name_of(template), fuzzer=fuzzer)
            told(fates[mutant.name])

    await asyncio.gather(*(work(number) for number in range(workers)))
    await drop_database(template)
    return [fates[mutant.name] for mutant in mutants]


def _line(fate: Fate) -> str:
    fuzzer = {None: "", "": "  [fuzzer alone: nothing]"}.get(fate.fuzzer, f"  [fuzzer alone: {fate.fuzzer}]")
    killer = fate.killer or click.style("SURVIVED", fg="red")
    return f"{fate.mutant.name}: {killer}{fuzzer}"


def _tally(fates: list[Fate]) -> str:
    killed = sum(fate.killer is not None for fate in fates)
    tried = [fate for fate in fates if fate.fuzzer is not None]
    alone = f"; plain Schemathesis kills {sum(bool(fate.fuzzer) for fate in tried)} of {len(tried)}" if tried else ""
    return f"{killed} of {len(fates)} mutants killed{alone}"


def _recorded(fate: Fate) -> dict[str, object]:
    mutant = fate.mutant
    return {
        "name": mutant.name, "title": mutant.title, "operations": list(mutant.operations),
        "requirement": mutant.requirement, "killer": fate.killer, "fuzzer": fate.fuzzer,
    }  # fmt: skip


if __name__ == "__main__":
    main()
