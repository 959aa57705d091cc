"""The command line: `python -m app serve`, and the commands around it.

An error is one line on standard error and exit status 2. `doctor` exits with 1 if it finds a problem.
"""

import os
import sys

import click

from app.cli.account import account
from app.cli.backup import backup, restore
from app.cli.doctor import doctor
from app.cli.environment import WrongSettings, describe_database, read_settings
from app.cli.guide import guide
from app.cli.migrate import migrate
from app.cli.prune import prune
from app.cli.serve import serve
from app.cli.token import token
from app.context.source import InvalidContext
from app.database.errors import MigrationFailed
from app.domain.errors import DatabaseUnavailable
from app.embedded_postgres import EmbeddedUnavailable
from app.identity.signing_keys import SigningKeyError
from app.interviewer.factory import InterviewerUnusable
from app.interviewer.guide import InvalidGuide
from app.logs import supports_color
from app.optional import ExtraMissing


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="interview-system", prog_name="interview-system")
def cli() -> None:
    """The interview service.

    Settings are environment variables, such as DATABASE_URL, STATE_DIR and LOG_LEVEL. The documentation lists them.
    Without DATABASE_URL, every command uses an embedded PostgreSQL in the folder STATE_DIR.

    \b
    Examples:
      python -m app serve                          start the service with demo accounts on port 8000
      python -m app token --role employee          print a token for requests
      DATABASE_URL=postgresql://… python -m app doctor

    An error is one line on standard error and exit status 2.
    """


for command in (serve, token, account, migrate, doctor, guide, backup, restore, prune):
    cli.add_command(command)


def main() -> None:
    """Run the command line and exit."""
    try:
        sys.exit(cli.main(sys.argv[1:] or ["--help"], standalone_mode=False) or 0)
    except click.Abort:
        _fail("stopped")
    except click.ClickException as error:
        _fail(error.format_message())
    except DatabaseUnavailable as error:
        _fail(f"{describe_database(read_settings())} cannot be used: {error.explanation}")
    except (
        ExtraMissing,
        WrongSettings,
        EmbeddedUnavailable,
        MigrationFailed,
        SigningKeyError,
        InterviewerUnusable,
        InvalidGuide,
        InvalidContext,
    ) as error:
        _fail(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _fail(text: str) -> None:
    line = " ".join(text.split())
    click.echo(f"{click.style('error:', fg='red', bold=True)} {line}", err=True, color=supports_color(sys.stderr))
    sys.exit(2)


if __name__ == "__main__":
    main()
