"""The command line: python -m app serve · token · account · migrate · doctor.

Whatever goes wrong is one line on standard error and exit status 2; `doctor` exits with 1 where something is wrong.
"""

import os
import sys

import click

from app.admin.installed import AdminNotInstalled
from app.commands.account import account
from app.commands.doctor import doctor
from app.commands.environment import WrongSettings, database_place, read_settings
from app.commands.migrate import migrate
from app.commands.serve import serve
from app.commands.token import token
from app.database.embedded import EmbeddedUnavailable
from app.database.migrations import MigrationFailed
from app.domain.errors import DatabaseUnavailable
from app.identity.signing_keys import KeysUnusable


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="interview-system", prog_name="interview-system")
def cli() -> None:
    """The interview service. Settings come from the environment; README.md has the table."""


for command in (serve, token, account, migrate, doctor):
    cli.add_command(command)


def main() -> None:
    """Run the command line, and exit."""
    try:
        sys.exit(cli.main(sys.argv[1:] or ["--help"], prog_name="python -m app", standalone_mode=False) or 0)
    except click.Abort:
        _fail("stopped")
    except click.ClickException as error:
        _fail(error.format_message())
    except DatabaseUnavailable as error:
        _fail(f"{database_place(read_settings())} cannot be used: {error.reason}")
    except (AdminNotInstalled, WrongSettings, EmbeddedUnavailable, MigrationFailed, KeysUnusable) as error:
        _fail(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _fail(text: str) -> None:
    line = " ".join(text.split())
    click.echo(f"{click.style('error:', fg='red', bold=True)} {line}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
