"""`statuspin rules`: list the rules of `diff`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import yaml

from statuspin.cli.output import path_type, write_file
from statuspin.diff import Severities
from statuspin.diff.catalogue import RuleDescription, describe_rule, describe_rules

_WIDTH = 110


@click.command()
@click.argument("names", metavar="[RULE]...", nargs=-1)
@click.option(
    "--severities", type=path_type, help="YAML file that changes severities, `rule-id: error|warning|note|off`."
)
@click.option("--format", "style", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True,
              help="Format of the list.")  # fmt: skip
@click.option("--output", type=path_type, help="Write the list to this file.  [default: standard output]")
def rules(names: tuple[str, ...], severities: Path | None, style: str, output: Path | None) -> int:
    """List the rules of diff, or only each RULE, with severity, direction, reason, and an example before and after."""
    weights = Severities.usual() if severities is None else Severities.usual().override(severities)
    listed = [describe_rule(name, weights) for name in names] or describe_rules(weights)
    text = {"text": format_text, "json": _format_json, "markdown": format_markdown}[style](listed)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text)
    return 0


def format_text(listed: list[RuleDescription]) -> str:
    """Return the rules as text for a terminal."""
    return "\n".join(_format_entry(each) for each in listed)


def format_markdown(listed: list[RuleDescription]) -> str:
    """Return the rules as Markdown for the documentation, grouped by direction."""
    parts = []
    for direction in dict.fromkeys(each.direction for each in listed):
        parts.append(f"## {direction[:1].upper()}{direction[1:]}")
        parts += [_format_section(each) for each in listed if each.direction == direction]
    return "\n\n".join(parts) + "\n"


def _format_json(listed: list[RuleDescription]) -> str:
    return json.dumps([asdict(each) | {"severity": _severity_name(each)} for each in listed], indent=2) + "\n"


def _format_entry(each: RuleDescription) -> str:
    lines = [f"{each.rule}  ({_severity_name(each)}, {each.direction})", f"  {each.says}", f"  {each.why}"]
    if each.kind:
        lines += [f"  {each.kind} before: {_dump_yaml(each.old)}", f"  {each.kind} after:  {_dump_yaml(each.new)}"]
    return "\n".join(lines) + "\n"


def _format_section(each: RuleDescription) -> str:
    lines = [f"### {each.rule}", "", f"{_severity_name(each).capitalize()}. {each.why}"]
    if each.kind:
        lines += ["", "```yaml", f"# {each.kind} before", _dump_yaml(each.old, wide=False)]
        lines += [f"# {each.kind} after", _dump_yaml(each.new, wide=False), "```"]
    return "\n".join(lines)


def _severity_name(each: RuleDescription) -> str:
    return "off" if each.severity is None else str(each.severity)


def _dump_yaml(value: Any, *, wide: bool = True) -> str:
    """Return an example as YAML. wide: on one line, else wrapped at 110 characters."""
    width = 10_000 if wide else _WIDTH
    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=width, allow_unicode=True)
    return text.removesuffix("...\n").strip()
