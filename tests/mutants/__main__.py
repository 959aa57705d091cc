"""Run all or some mutants: `python -m tests.mutants [NAME …]`. Exit with 1 if one survives."""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

import click

from statuspin.contract.folder import Contract
from tests.mutants.catalogue import InvalidMutant, Mutant, read_catalogue, sample
from tests.mutants.running import MutantResult, MutantRunner
from tests.support.cluster import cluster_outside_pytest, database_name, drop_database
from tests.support.command_line import CHECKOUT
from tests.support.demo_accounts import create_database_with_accounts


@click.command()
@click.argument("names", nargs=-1)
@click.option("--sample", "count", type=click.IntRange(1), help="Run only this many, spread over the catalogue.")
@click.option("--fuzzer/--no-fuzzer", default=True, help="Also run plain Schemathesis on each mutant.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 16), help="Mutants run concurrently.")
@click.option(
    "--output", type=click.Path(path_type=Path), help="File for the results as JSON; see `statuspin report --mutants`."
)
def main(names: tuple[str, ...], count: int | None, output: Path | None, workers: int, *, fuzzer: bool) -> None:
    """Run mutants and print what kills each."""
    try:
        known = read_catalogue()
    except InvalidMutant as error:
        _fail(str(error))
    chosen = [mutant for mutant in known if mutant.name in names] if names else known
    if unknown := set(names) - {mutant.name for mutant in known}:
        _fail(f"no mutant is named {', '.join(sorted(unknown))}; the names are in tests/mutants/catalogue")
    chosen = sample(chosen, count) if count else chosen
    start = time.perf_counter()
    try:
        results = run(chosen, workers=workers, fuzzer=fuzzer, report=lambda result: click.echo(_format(result)))
    except InvalidMutant as error:
        _fail(str(error))
    click.echo(f"{_summarize(results)} in {time.perf_counter() - start:.0f} s")
    if output:
        output.write_text(
            json.dumps({"mutants": [_to_json(result) for result in results]}, ensure_ascii=False, indent=1)
        )
    sys.exit(any(result.killer is None for result in results))


def run(
    mutants: Iterable[Mutant], *, workers: int, fuzzer: bool, report: Callable[[MutantResult], None]
) -> list[MutantResult]:
    """Run mutants, `workers` of them concurrently, on a new PostgreSQL. Call `report` with each result as it comes."""
    with cluster_outside_pytest(), tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        return asyncio.run(_run(list(mutants), Path(folder), workers, report, fuzzer=fuzzer))


async def _run(
    mutants: list[Mutant], folder: Path, workers: int, report: Callable[[MutantResult], None], *, fuzzer: bool
) -> list[MutantResult]:
    contract = Contract.read(CHECKOUT / "contracts/specs/current")
    template = await create_database_with_accounts()
    queue, results = iter(mutants), dict[str, MutantResult]()

    async def work(number: int) -> None:
        runner = MutantRunner(folder / str(number), contract)
        for mutant in queue:
            results[mutant.name] = await runner.run(mutant, database_name(template), fuzzer=fuzzer)
            report(results[mutant.name])

    await asyncio.gather(*(work(number) for number in range(workers)))
    await drop_database(template)
    return [results[mutant.name] for mutant in mutants]


def _fail(message: str) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    sys.exit(2)


def _format(result: MutantResult) -> str:
    fuzzer = "" if result.fuzzer is None else f"  [plain Schemathesis: {result.fuzzer or 'nothing'}]"
    killer = result.killer or click.style("SURVIVED", fg="red")
    return f"{result.mutant.name}: {killer}{fuzzer}"


def _summarize(results: list[MutantResult]) -> str:
    killed = sum(result.killer is not None for result in results)
    text = f"{killed} of {len(results)} mutants killed"
    if fuzzed := [result.fuzzer for result in results if result.fuzzer is not None]:
        text += f"; plain Schemathesis kills {sum(map(bool, fuzzed))} of {len(fuzzed)}"
    return text


def _to_json(result: MutantResult) -> dict[str, object]:
    mutant = result.mutant
    return {
        "name": mutant.name, "title": mutant.title, "operations": list(mutant.operations),
        "requirement": mutant.requirement, "killer": result.killer, "fuzzer": result.fuzzer,
    }  # fmt: skip


if __name__ == "__main__":
    main()
