"""`statuspin replay`: does today's build keep the contracts of earlier releases?"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from statuspin.cli.output import a_path, contract_option, format_options, write_report
from statuspin.cli.reaching import connection_options
from statuspin.cli.targets import create_plan, target_of
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

_WORDS = Words(error="wrong", warning="to look at", note="left out", nothing="every release's promises are kept")


@click.command()
@click.argument("versions", nargs=-1)
@contract_option
@click.option("--url", help="A server that runs; without it the service of the contract in force is started.")
@click.option("--tokens", type=a_path, help="YAML: actor to token, or to the body of its login.")
@click.option("--allow-writes", is_flag=True, help="With --url: send more than GET, HEAD and OPTIONS.")
@click.option("--fuzz/--no-fuzz", "fuzz", default=True, help="Whether each contract is fuzzed as well.")
@click.option("--examples", default=5, show_default=True, type=click.IntRange(1), help="Per operation, for the fuzzer.")
@click.option("--seed", default=1, show_default=True, type=int, help="The same again: the same requests.")
@click.option("--workers", default=4, show_default=True, type=click.IntRange(1, 64), help="Pins under way at once.")
@connection_options
@format_options
def replay(versions: tuple[str, ...], folder: Path, style: str, output: Path | None, **chosen: Any) -> int:
    """Run the pins and the schema of every frozen contract, or of VERSIONS, against a server.

    Exits with 0 where all are kept, 1 where not, 2 where the server cannot be asked.
    """
    current = Contract.read(folder)
    contracts = [adapt_to_current(current, Contract.read(path)) for path in _chosen(folder, versions)]
    url, tokens = chosen.pop("url"), chosen.pop("tokens")
    found = asyncio.run(_replayed(current, contracts, url, tokens, create_plan(url, **chosen)))
    title = ", ".join(contract.document.release for contract in contracts)
    report = Report("statuspin replay", f"{title} against today's build", str(folder), tuple(found), _WORDS)
    write_report(report, style, output)
    return report.status


async def _replayed(
    current: Contract, chosen: Sequence[Contract], url: str | None, tokens: Path | None, plan: Plan
) -> list[Finding]:
    found: list[Finding] = []
    for contract in chosen:
        async with AsyncExitStack() as stack:  # a service anew for each: what one run used up, the next one needs
            target = await target_of(stack, current, url, tokens, plan.connection)
            bar = stack.enter_context(ProgressBar())
            more = frozenset().union(*find_added_methods(contract.document, current.document).values())
            own = replace(plan, budget=replace(plan.budget, untried=more))
            result = await Verification(
                contract.with_redacted(plan.connection.headers), target, own, bar, service_of=current
            ).run()
        name = contract.document.release
        found += [replace(each, place=f"{name} · {each.place}") for each in findings(result)]
    return found


def _chosen(folder: Path, versions: Sequence[str]) -> list[Path]:
    known = find_frozen(folder)
    if not known:
        raise CannotRun(f"nothing is frozen beside {folder}; `statuspin freeze VERSION` freezes it")
    for version in versions:
        if version not in known:
            raise CannotRun(f"no contract {version} is frozen; there are {', '.join(known)}")
    return [known[version] for version in versions or known]
