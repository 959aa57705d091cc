"""`statuspin verify`: test a server against its contract."""

import asyncio
from contextlib import AsyncExitStack
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from statuspin.cli.output import contract_option, format_options, path_type, write_report
from statuspin.cli.reaching import connection_options
from statuspin.cli.targets import create_plan, open_target
from statuspin.contract.folder import Contract
from statuspin.errors import CannotRun
from statuspin.report.conversion import convert_record
from statuspin.verify.acceptance import UNUSED_RULES, Acceptance
from statuspin.verify.pinning import Verdict
from statuspin.verify.progress import ProgressBar
from statuspin.verify.record import DEFAULT, create_record, write
from statuspin.verify.sharding import Shard
from statuspin.verify.untested import find_untested
from statuspin.verify.verdict import findings
from statuspin.verify.verification import Plan, Result, Verification


@click.command()
@contract_option
@click.option("--url", help="URL of a running server.  [default: start the service of pins.yaml]")
@click.option("--tokens", type=path_type, help="YAML file: actor to token, or to the body of a login.")
@click.option("--allow-writes", is_flag=True, help="With --url, send other methods than GET, HEAD and OPTIONS, too.")
@click.option("--only", default="", help="Run only the pins whose names contain this text, without the fuzzer.")
@click.option("--pins/--no-pins", "pins", default=True, help="Run pins.")
@click.option("--fuzz/--no-fuzz", "fuzz", default=True, help="Run the fuzzer.")
@click.option("--races/--no-races", "races", default=True, help="Run the pins that send requests concurrently.")
@click.option(
    "--examples",
    type=click.IntRange(1),
    show_default="25, or the number in pins.yaml",
    help="Examples of the fuzzer for each operation and phase.",
)
@click.option(
    "--allow-untested",
    multiple=True,
    metavar="OPERATION",
    help="Accept that an operation responds to the fuzzer with only 401, 403, 404 or 429. Repeatable.",
)
@click.option(
    "--seed", default=1, show_default=True, type=int, help="Seed of the fuzzer. The same seed sends the same requests."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    show_default="4 for pins, 1 for the fuzzer",
    help="Concurrent requests of pins and, from Python 3.12 on, of the fuzzer. 1 makes a run reproducible.",
)
@click.option(
    "--shard",
    default="",
    help="Test one part of the operations, such as 1/4. See `statuspin merge`.",
)
@connection_options
@click.option("--waivers", type=path_type, help="File of accepted findings.  [default: the contract's waivers.yaml]")
@click.option("--baseline", type=path_type, help="Accept the findings of this file. Only new findings fail.")
@click.option("--write-baseline", is_flag=True, help="Write the findings of this run to the file of --baseline.")
@click.option("--fail-on-skipped", is_flag=True, help="Exit with 1 if a pin or a fuzzed operation was skipped.")
@click.option(
    "--run", "record", type=path_type, default=DEFAULT, show_default=True, help="File for the record of the run."
)
@format_options
def verify(
    folder: Path,
    url: str | None,
    tokens: Path | None,
    record: Path,
    style: str,
    output: Path | None,
    *,
    waivers: Path | None,
    baseline: Path | None,
    write_baseline: bool,
    fail_on_skipped: bool,
    **chosen: Any,
) -> int:
    """Run all pins and the fuzzer against a server, and compare its responses with the contract.

    Exit status: 0 if every promise is kept, 1 if not, or if an operation was not tested, 2 if the server cannot be
    reached.
    """
    chosen["fuzz"] = chosen["fuzz"] and not chosen["only"]
    chosen["shard"] = Shard.parse(chosen["shard"]) if chosen["shard"] else None
    plan = create_plan(url, **chosen)
    contract = Contract.read(folder).with_redacted(plan.connection.headers)
    _ensure_not_empty(contract, plan)
    acceptance = Acceptance.read(folder, waivers, baseline, write=write_baseline)
    result = asyncio.run(run_verification(contract, url, tokens, plan))
    reported = acceptance.apply(findings(result))
    if plan.shard:
        reported = [each for each in reported if each.rule not in UNUSED_RULES]
    run = create_record(result, reported)
    write(run, record)
    report = convert_record(run, fail_on_skipped=fail_on_skipped)
    write_report(report, style, output)
    click.echo(_summarize(result, record), err=True)
    return report.status


def _ensure_not_empty(contract: Contract, plan: Plan) -> None:
    """Raise CannotRun if the options leave nothing to test, so that an empty run does not pass."""
    if not plan.pins and not plan.fuzz:
        raise CannotRun("nothing to run: the options exclude the pins and the fuzzer (--only excludes the fuzzer, too)")
    if plan.only and not any(plan.only in pin.id for pin in contract.matrix):
        example = f"; an example of a name is “{contract.matrix[0].id}”" if contract.matrix else ""
        raise CannotRun(f"--only {plan.only}: no pin has this text in its name{example}")
    for name in plan.allow_untested:
        if name not in contract.document.operations:
            close = get_close_matches(name, contract.document.operations, 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise CannotRun(f"--allow-untested {name}: {contract.document.name} has no such operation{hint}")


async def run_verification(contract: Contract, url: str | None, tokens: Path | None, plan: Plan) -> Result:
    """Run a plan against the server at `url`, or else against the contract's service, and return the result.

    tokens: the tokens file of a running server. Raises CannotRun if the server cannot be reached or started.
    """
    async with AsyncExitStack() as stack:
        target = await open_target(stack, contract, url, tokens, plan.connection)
        bar = stack.enter_context(ProgressBar())
        return await Verification(contract, target, plan, bar).run()


def _summarize(result: Result, record: Path) -> str:
    pins = ", ".join(
        f"{len(result.with_verdict(verdict))} {verdict.value}" for verdict in Verdict if result.with_verdict(verdict)
    )
    parts = [f"pins: {pins or 'none'}"]
    if result.fuzzed:
        parts.append(f"fuzzer: {result.fuzzed.cases} requests, {len(result.fuzzed.checks)} checks")
    if result.fuzzed and result.plan.budget.threads < result.plan.budget.workers:
        parts.append("the fuzzer has one thread on Python 3.11")
    if names := find_untested(result):
        parts.append(f"not tested: {', '.join(names)}")
    parts.append(f"coverage level {result.criteria.level} of 7")
    if result.resends.total:
        parts.append(f"{result.resends.total} requests sent again")
    if result.digest:
        parts.append(f"transcript {result.digest}")
    parts.append(f"{result.seconds:.1f} s")
    return f"{' · '.join(parts)}\nThe full record is in {record}; show it with `statuspin report`"
