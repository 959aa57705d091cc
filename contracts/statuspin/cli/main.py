"""The command line: statuspin and its commands.

If a command cannot run, it prints one line on standard error and exits with 2.
"""

import importlib
import keyword
import os
import sys

import click

from statuspin import __version__
from statuspin.errors import CannotRun

_COMMANDS = {
    "init": "Write a contract folder with a first pins.yaml.",
    "import": "Write rows of pins.yaml from a HAR file or a Postman collection.",
    "record": "Write rows of pins.yaml from the traffic of a reverse proxy.",
    "lint": "Check that openapi.yaml and pins.yaml are valid and agree with each other.",
    "diff": "Compare two contracts and show the changes that clients notice.",
    "rules": "List the rules of diff with their severities, examples and reasons.",
    "verify": "Test a server against its contract: pins, races, failures, fuzzer.",
    "replay": "Test the current build against the contracts of earlier releases.",
    "freeze": "Store the current contract as a release.",
    "report": "Write the record of a run as an HTML page, JUnit, SARIF, Markdown or a badge.",
    "merge": "Merge the records of shards into one.",
    "export": "Write pins as a pytest file that does not need statuspin.",
    "schema": "Print the JSON schema of pins.yaml or waivers.yaml, for editors.",
}
"""Command to its line in the overview, which is shown without importing the command."""


class _Commands(click.Group):
    """Import a command only when it runs, so that `diff` does not load the fuzzer."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all commands in the order of the overview."""
        del ctx
        return list(_COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the overview."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or return None if it does not exist."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(importlib.import_module(f"statuspin.cli.{name}"), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="statuspin")
def cli() -> None:
    """Test an HTTP API against its contract: openapi.yaml, and pins.yaml next to it."""


def run() -> None:
    """Run the command line and exit: 0 without findings, 1 with findings, 2 if the command could not run."""
    try:
        sys.exit(cli.main(sys.argv[1:] or ["--help"], prog_name="statuspin", standalone_mode=False) or 0)
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted")
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
