"""`statuspin replay`: test the current build against the contracts of earlier releases."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from statuspin.cli.output import contract_option, format_options, path_type, write_report
from statuspin.cli.reaching import connection_options
from statuspin.cli.targets import create_plan, open_target
from statuspin.contract.folder import Contract
from statuspin.contract.growth import find_added_methods
from statuspin.errors import CannotRun
from statuspin.findings import Finding
from statuspin.formats import Report, Words
from statuspin.releases.replaying import adapt_to_current
from statuspin.releases.versions import find_frozen
from statuspin.verify.progress import ProgressBar
from statuspin.verify.verdict import findings
from statuspin.verify.verification import Plan, Verification

_WORDS = Words(note="not tested", nothing="the promises of every release are kept")


@click.command()
@click.argument("versions", nargs=-1)
@contract_option
@click.option("--url", help="URL of a running server.  [default: start the service of the current contract]")
@click.option("--tokens", type=path_type, help="YAML file: actor to token, or to the body of a login.")
@click.option("--allow-writes", is_flag=True, help="With --url, send other methods than GET, HEAD and OPTIONS, too.")
@click.option("--fuzz/--no-fuzz", "fuzz", default=True, help="Fuzz each contract, too.")
@click.option(
    "--examples", default=5, show_default=True, type=click.IntRange(1), help="Examples per operation of the fuzzer."
)
@click.option(
    "--seed", default=1, show_default=True, type=int, help="Seed of the fuzzer. The same seed sends the same requests."
)
@click.option("--workers", default=4, show_default=True, type=click.IntRange(1, 64), help="Pins that run concurrently.")
@connection_options
@format_options
def replay(versions: tuple[str, ...], folder: Path, style: str, output: Path | None, **chosen: Any) -> int:
    """Run the pins of every frozen contract, or of VERSIONS, against a server, and fuzz it with their schemas.

    Exit status: 0 if every promise is kept, 1 if not, 2 if the server cannot be reached.
    """
    current = Contract.read(folder)
    contracts = [adapt_to_current(current, Contract.read(path)) for path in _select_releases(folder, versions)]
    url, tokens = chosen.pop("url"), chosen.pop("tokens")
    found = asyncio.run(_replay_contracts(current, contracts, url, tokens, create_plan(url, **chosen)))
    title = ", ".join(contract.document.release for contract in contracts)
    report = Report("statuspin replay", f"{title} against the current build", str(folder), tuple(found), _WORDS)
    write_report(report, style, output)
    return report.status


async def _replay_contracts(
    current: Contract, chosen: Sequence[Contract], url: str | None, tokens: Path | None, plan: Plan
) -> list[Finding]:
    found: list[Finding] = []
    for contract in chosen:
        # Start a new service for each contract, because a run uses up its accounts.
        async with AsyncExitStack() as stack:
            target = await open_target(stack, current, url, tokens, plan.connection)
            bar = stack.enter_context(ProgressBar())
            more = frozenset().union(*find_added_methods(contract.document, current.document).values())
            own = replace(plan, budget=replace(plan.budget, excluded_methods=more))
            result = await Verification(
                contract.with_redacted(plan.connection.headers), target, own, bar, service_of=current
            ).run()
        name = contract.document.release
        found += [replace(each, place=f"{name} · {each.place}") for each in findings(result)]
    return found


def _select_releases(folder: Path, versions: Sequence[str]) -> list[Path]:
    known = find_frozen(folder)
    if not known:
        raise CannotRun(f"no contract is frozen next to {folder}; `statuspin freeze VERSION` freezes one")
    for version in versions:
        if version not in known:
            raise CannotRun(f"contract {version} is not frozen; choose from {', '.join(known)}")
    return [known[version] for version in versions or known]
