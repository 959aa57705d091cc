"""`statuspin merge`: merge the records of shards into one."""

from pathlib import Path

import click

from statuspin.cli.output import contract_option, format_options, path_type, write_report
from statuspin.report.conversion import convert_record
from statuspin.report.merging import merge_records
from statuspin.verify.acceptance import Acceptance
from statuspin.verify.record import DEFAULT, read, write


@click.command()
@click.argument("records", type=path_type, nargs=-1, required=True)
@contract_option
@click.option("--waivers", type=path_type, help="File of accepted findings.  [default: the contract's waivers.yaml]")
@click.option("--baseline", type=path_type, help="Accept the findings of this file. Only new findings fail.")
@click.option("--fail-on-skipped", is_flag=True, help="Exit with 1 if a pin or a fuzzed operation was skipped.")
@click.option("--run", "record", type=path_type, default=DEFAULT, show_default=True, help="File for the merged record.")
@format_options
def merge(
    folder: Path,
    records: tuple[Path, ...],
    record: Path,
    style: str,
    output: Path | None,
    *,
    waivers: Path | None,
    baseline: Path | None,
    fail_on_skipped: bool,
) -> int:
    """Merge the RECORDS that `verify --shard` wrote, and report the whole run.

    Only the merged record shows which promises no shard observed. Waivers and a baseline work as in `verify`, and the
    exit status is that of `verify`.
    """
    acceptance = Acceptance.read(folder, waivers, baseline, write=False)
    merged = merge_records([read(file) for file in records], acceptance.apply)
    write(merged, record)
    report = convert_record(merged, fail_on_skipped=fail_on_skipped)
    write_report(report, style, output)
    return report.status
