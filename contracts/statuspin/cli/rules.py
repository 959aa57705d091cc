"""`statuspin rules`: list the rules of `diff`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import yaml

from statuspin.cli.output import a_path, write_file
from statuspin.diff import Severities
from statuspin.diff.catalogue import RuleDescription, describe_rule, describe_rules

_WIDTH = 110


@click.command()
@click.argument("names", metavar="[RULE]...", nargs=-1)
@click.option("--severities", type=a_path, help="YAML file that changes severities, `rule-id: error|warning|note|off`.")
@click.option("--format", "style", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True,
              help="Format of the list.")  # fmt: skip
@click.option("--output", type=a_path, help="Write the list to this file.  [default: standard output]")
def rules(names: tuple[str, ...], severities: Path | None, style: str, output: Path | None) -> int:
    """List the rules of diff, or only each RULE, with severity, direction, reason, and an example before and after."""
    weights = Severities.usual() if severities is None else Severities.usual().override(severities)
    listed = [describe_rule(name, weights) for name in names] or describe_rules(weights)
    text = {"text": as_text, "json": _as_json, "markdown": as_markdown}[style](listed)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text)
    return 0


def as_text(listed: list[RuleDescription]) -> str:
    """Return the rules as text for a terminal."""
    return "\n".join(_entry(each) for each in listed)


def as_markdown(listed: list[RuleDescription]) -> str:
    """Return the rules as Markdown for the documentation, grouped by direction."""
    parts = []
    for direction in dict.fromkeys(each.direction for each in listed):
        parts.append(f"## {direction[:1].upper()}{direction[1:]}")
        parts += [_section(each) for each in listed if each.direction == direction]
    return "\n\n".join(parts) + "\n"


def _as_json(listed: list[RuleDescription]) -> str:
    return json.dumps([asdict(each) | {"severity": _severity(each)} for each in listed], indent=2) + "\n"


def _entry(each: RuleDescription) -> str:
    lines = [f"{each.rule}  ({_severity(each)}, {each.direction})", f"  {each.says}", f"  {each.why}"]
    if each.kind:
        lines += [f"  {each.kind} before: {_written(each.old)}", f"  {each.kind} after:  {_written(each.new)}"]
    return "\n".join(lines) + "\n"


def _section(each: RuleDescription) -> str:
    lines = [f"### {each.rule}", "", f"{_severity(each).capitalize()}. {each.why}"]
    if each.kind:
        lines += ["", "```yaml", f"# {each.kind} before", _written(each.old, wide=False)]
        lines += [f"# {each.kind} after", _written(each.new, wide=False), "```"]
    return "\n".join(lines)


def _severity(each: RuleDescription) -> str:
    return "off" if each.severity is None else str(each.severity)


def _written(value: Any, *, wide: bool = True) -> str:
    """Return an example as YAML. wide: on one line, else wrapped at 110 characters."""
    width = 10_000 if wide else _WIDTH
    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=width, allow_unicode=True)
    return text.removesuffix("...\n").strip()
