"""The command line: statuspin and its commands.

An error that keeps a command from its verdict is one line on standard error and exit status 2.
"""

import importlib
import keyword
import os
import sys

import click

from statuspin import __version__
from statuspin.errors import CannotRun

_COMMANDS = {
    "init": "Write a first pins.yaml for an API.",
    "import": "Write rows of pins.yaml from a HAR file or a Postman collection.",
    "record": "Write rows of pins.yaml from the traffic of a reverse proxy.",
    "lint": "Check that openapi.yaml and pins.yaml are valid and agree with each other.",
    "diff": "Show what changed for a client between two contracts.",
    "rules": "List the rules of diff: severity, direction, example and reason.",
    "verify": "Test a server against its contract: pins, races, failures, fuzzer.",
    "replay": "Test today's build against the contracts of earlier releases.",
    "freeze": "Store the current contract as a release.",
    "report": "Write the record of a run as an HTML page, JUnit, SARIF, Markdown or a badge.",
    "merge": "Merge the records of shards, and find what only all of them can tell.",
    "export": "Write pins as a plain pytest file that repeats them.",
    "schema": "Print JSON schemas of pins.yaml and waivers.yaml, for editors.",
}
"""Each command with its line in the overview. No command is imported to show it."""


class _Commands(click.Group):
    """Commands that are imported when they are run, so that `diff` does not wait for a fuzzer to load."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command, in the order of the overview."""
        del ctx
        return list(_COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command with a name, or None."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(importlib.import_module(f"statuspin.cli.{name}"), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="statuspin")
def cli() -> None:
    """Hold an HTTP API to its contract: openapi.yaml, and pins.yaml beside it."""


def run() -> None:
    """Run the command line, and exit: 0 fine, 1 findings, 2 could not run."""
    try:
        sys.exit(cli.main(sys.argv[1:] or ["--help"], prog_name="statuspin", standalone_mode=False) or 0)
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped")
    except click.ClickException as error:
        _fail(error.format_message())
    except CannotRun as error:
        _fail(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _fail(text: str) -> None:
    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    click.echo(f"{click.style('error:', fg='red', bold=True)} {' '.join(text.split())}", err=True, color=colour)
    sys.exit(2)
