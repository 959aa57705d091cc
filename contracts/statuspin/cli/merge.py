"""`statuspin merge`: the records of shards as one."""

from pathlib import Path

import click

from statuspin.cli.output import a_path, contract_option, format_options, write_report
from statuspin.report.conversion import convert_record
from statuspin.report.merging import merge_records
from statuspin.verify.acceptance import Acceptance
from statuspin.verify.record import DEFAULT, read, write


@click.command()
@click.argument("records", type=a_path, nargs=-1, required=True)
@contract_option
@click.option("--waivers", type=a_path, help="Findings to accept; the contract's waivers.yaml without it.")
@click.option("--baseline", type=a_path, help="Accept the findings of this file, and fail on new ones only.")
@click.option("--fail-on-skipped", is_flag=True, help="Exit with 1 if a pin or a fuzzed operation was skipped.")
@click.option("--run", "record", type=a_path, default=DEFAULT, show_default=True, help="Where the record goes.")
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
    """Merge the records that `verify --shard` wrote, and report the run as a whole.

    Promises that no shard observed are found only here; waivers and a baseline accept them as in `verify`. Exits like
    `verify`.
    """
    acceptance = Acceptance.read(folder, waivers, baseline, write=False)
    merged = merge_records([read(file) for file in records], acceptance.judge)
    write(merged, record)
    report = convert_record(merged, fail_on_skipped=fail_on_skipped)
    write_report(report, style, output)
    return report.status
