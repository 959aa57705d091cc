"""`statuspin diff OLD NEW`: show the changes that clients notice."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from statuspin.cli.output import format_options, path_type, remote_option, write_report
from statuspin.contract.document import Document
from statuspin.contract.selection import PathSelection
from statuspin.diff import (
    USUAL_WITNESS_MS,
    WAIVER_RULES,
    DeprecationPolicy,
    Severities,
    compare,
    parse_waivers,
    read_waivers,
    waive,
)
from statuspin.diff.locating import locate
from statuspin.diff.verify_rules import is_of_verify
from statuspin.findings import Finding, Severity
from statuspin.formats import Report, Words
from statuspin.loading.sources import Source, open_source

_WORDS = Words(error="breaking", note="additive", nothing="no change")


def _explain(ctx: click.Context, parameter: click.Parameter, rule: str | None) -> None:
    del parameter
    if rule is not None:
        from statuspin.cli.rules import format_text  # noqa: PLC0415 -- only for this option
        from statuspin.diff.catalogue import describe_rule  # noqa: PLC0415

        click.echo(format_text([describe_rule(rule, Severities.usual())]), nl=False)
        ctx.exit(0)


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--waivers", type=path_type, help="File of accepted findings.  [default: NEW/waivers.yaml]")
@click.option(
    "--severities", type=path_type, help="YAML file that changes severities, `rule-id: error|warning|note|off`."
)
@click.option("--fail-on", type=click.Choice([str(each) for each in Severity]), default="error", show_default=True,
              help="Lowest severity that makes the command exit with 1.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit with 1 if a difference was not compared.")
@click.option("--match-path", default="", metavar="REGEX", help="Compare only paths that match.")
@click.option("--unmatch-path", default="", metavar="REGEX", help="Do not compare paths that match.")
@click.option("--strip-prefix", default="", metavar="PREFIX", help="Remove a prefix from paths, such as /api/v1.")
@click.option("--explain", metavar="RULE", is_eager=True, expose_value=False, callback=_explain,
              help="Explain a rule and exit.")  # fmt: skip
@click.option("--deprecation-days", type=click.IntRange(min=0), metavar="DAYS",
              help="Accept the removal of deprecated operations after x-sunset, if DAYS have passed.")  # fmt: skip
@click.option("--witness-ms", type=click.IntRange(min=0), default=USUAL_WITNESS_MS, show_default=True, metavar="MS",
              help="CPU time for the search for values that prove findings. 0 turns it off.")  # fmt: skip
@click.option("--expand", is_flag=True, help="Repeat the change of a component for each operation.")
@remote_option
@format_options
def diff(
    old: str, new: str, *, waivers: Path | None, severities: Path | None, fail_on: str, strict: bool,
    match_path: str, unmatch_path: str, strip_prefix: str, deprecation_days: int | None, witness_ms: int,
    expand: bool, allow_remote: bool, style: str, output: Path | None,
) -> int:  # fmt: skip
    """Show how NEW differs from OLD for clients.

    OLD and NEW are OpenAPI files, contract folders, URLs, `-` for standard input, or REVISION:PATH in the git
    repository of the current folder: `statuspin diff HEAD:openapi.yaml openapi.yaml`.

    Exit status: 0 if no change is as severe as --fail-on, 1 if one is, 2 if the input is invalid.
    """
    weights = Severities.usual() if severities is None else Severities.usual().override(severities)
    if old == new == "-":
        raise click.UsageError("only one of OLD and NEW can be standard input")
    sources = [open_source(each, allow_remote=allow_remote) for each in (old, new)]
    today = datetime.now(UTC).date()
    policy = None if deprecation_days is None else DeprecationPolicy(deprecation_days, today)
    with _pause_garbage_collection():
        documents = Document.from_source(sources[0]), Document.from_source(sources[1])
        selected = PathSelection(match_path, unmatch_path, strip_prefix).apply(*documents)
        comparison = compare(*selected, weights, policy=policy, witness_ms=witness_ms)
        findings = [*locate(comparison.findings, *selected), *_compare_pins(sources, documents, weights)]
    findings = _apply_waivers(
        [each for each in findings if not weights.is_off(each.rule)], waivers, sources[1], weights
    )
    report = Report(
        "statuspin diff", f"{old} → {new}", documents[1].name, tuple(findings), _WORDS,
        not_compared=tuple(comparison.not_compared), advice=_suggest_version(findings), fail_on=Severity(fail_on),
        strict=strict, expand=expand,
    )  # fmt: skip
    write_report(report, style, output)
    return report.status


@contextmanager
def _pause_garbage_collection() -> Iterator[None]:
    """Pause the garbage collector, which would traverse both documents repeatedly and free nothing.

    Afterwards it ignores what exists until the next pause, so that a process that ends does not traverse both again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    gc.unfreeze()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def _compare_pins(sources: list[Source], documents: tuple[Document, Document], weights: Severities) -> list[Finding]:
    """Return the changes between the pins of two folders, or an empty list if one of them has no pins."""
    if not all(source.is_folder for source in sources):
        return []
    from statuspin.contract.folder import Contract  # noqa: PLC0415 -- pins are slow to import
    from statuspin.diff.pins import compare_pins  # noqa: PLC0415

    old, new = (Contract.from_source(*each) for each in zip(sources, documents, strict=True))
    return compare_pins(old, new, weights) if old and new else []


def _apply_waivers(findings: list[Finding], file: Path | None, new: Source, weights: Severities) -> list[Finding]:
    known = weights.rules - WAIVER_RULES
    if file is not None:
        waivers = read_waivers(file, known)
    elif new.is_folder and (own := new.find_sibling("waivers.yaml")):
        waivers = parse_waivers(own.data, own.name, known)
    else:
        return findings
    waivers = [waiver for waiver in waivers if not is_of_verify(waiver.rule)]
    return waive(findings, waivers, datetime.now(UTC).date(), weights)


def _suggest_version(findings: list[Finding]) -> str:
    """Return a sentence that suggests the next version by semantic versioning."""
    severities = {finding.severity for finding in findings}
    if Severity.ERROR in severities:
        return "Suggested version: major, because clients break."
    if severities:
        return "Suggested version: minor, because clients keep working, and something is new."
    return "Suggested version: patch, because nothing changed for clients."
