"""`python -m app account`: manage the accounts of the local issuer on any database."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID, uuid4

import click

from app.cli.environment import database_url, migrate_database, open_unit_of_work, read_settings
from app.database.unit_of_work import UnitOfWork
from app.domain.permissions import ROLES
from app.identity.passwords import hash_password
from app.use_cases.accounts import (
    AccountExists,
    AccountNotFound,
    NewAccount,
    add_account,
    list_accounts,
    remove_account,
)
from app.use_cases.administration import AdminRight, replace_password, set_rights

_MIN_PASSWORD_LENGTH, _MAX_PASSWORD_LENGTH = 6, 128
"""Characters. These are the limits of Piccolo's BaseUser."""

_MAX_EMAIL_LENGTH = 100
"""Characters. The address is also the username of the BaseUser."""

_MAX_NAME_LENGTH = 255
"""Characters of the name of a person or organization, in the table and in a token."""

_Result = TypeVar("_Result")
_Operation = Callable[[UnitOfWork], Awaitable[_Result]]


@click.group(invoke_without_command=True)
@click.pass_context
def account(context: click.Context) -> None:
    """Add, list and remove accounts, change passwords, and grant and revoke rights on the admin pages.

    Accounts log in at /api/v1/auth/login if the service issues the tokens (JWT_JWKS_URL is not set).
    """
    if context.invoked_subcommand is None:
        raise click.UsageError(f"Missing command. Choose from: {', '.join(account.list_commands(context))}")


def _email(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001 - click's signature
    local, _, domain = value.rpartition("@")
    if not local or not domain or " " in value or len(value) > _MAX_EMAIL_LENGTH or not value.isprintable():
        raise click.BadParameter(f"expected an e-mail address of at most {_MAX_EMAIL_LENGTH} characters")
    return value


def _name(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001 - click's signature
    if len(value) > _MAX_NAME_LENGTH or not value.isprintable():
        raise click.BadParameter(f"expected at most {_MAX_NAME_LENGTH} printable characters")
    return value


def _password(context: click.Context, parameter: click.Parameter, value: str | None) -> str:  # noqa: ARG001 - click's signature
    if value is None and not sys.stdin.isatty():
        raise click.BadParameter("standard input is not a terminal; set ACCOUNT_PASSWORD")
    if value is None:
        value = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    if (
        not _MIN_PASSWORD_LENGTH <= len(value) <= _MAX_PASSWORD_LENGTH
        or "\0" in value
        or value.startswith("pbkdf2_sha256")
    ):
        raise click.BadParameter(f"expected {_MIN_PASSWORD_LENGTH} to {_MAX_PASSWORD_LENGTH} characters")
    if any("\ud800" <= each <= "\udfff" for each in value):
        raise click.BadParameter("expected UTF-8")  # Python decodes other bytes of the command line to surrogates.
    return value


_password_option = click.option(
    "--password",
    envvar="ACCOUNT_PASSWORD",
    callback=_password,
    help="The password. If omitted: ACCOUNT_PASSWORD, or a prompt. Other users can see the command line.",
)


@account.command()
@click.argument("email", callback=_email)
@click.option(
    "--role",
    default="employee",
    show_default=True,
    type=click.Choice(sorted(ROLES)),
    help="Role, which determines the permissions.",
)
@click.option("--name", default="", callback=_name, help="The person's name.")
@click.option("--employee", type=click.UUID, help="The employee's id. If omitted: a new id.")
@click.option("--organization", type=click.UUID, required=True, help="The organization's id.")
@click.option("--organization-name", default="", callback=_name, help="The organization's name.")
@_password_option
def add(
    email: str,
    role: str,
    name: str,
    employee: UUID | None,
    organization: UUID,
    organization_name: str,
    password: str,
) -> None:
    """Add the account EMAIL.

    \b
    Examples:
      python -m app account add ana@example.com --organization "$(uuidgen)"
      ACCOUNT_PASSWORD=… python -m app account add ana@example.com --organization UUID --role manager
    """
    employee_id = employee or uuid4()

    async def run(database: UnitOfWork) -> None:
        new = NewAccount(email, await hash_password(password), role, name, employee_id, organization, organization_name)
        await database.write(add_account, new)

    try:
        _run_on_database(run)
    except AccountExists:
        raise click.ClickException(f"an account for {email} or for employee {employee_id} already exists") from None
    click.echo(f"Added {email}: {role}, employee {employee_id}, organization {organization}")


@account.command()
@click.argument("email", callback=_email)
@_password_option
def password(email: str, password: str) -> None:
    """Change the password of the account EMAIL, and log it out of the admin pages.

    Its tokens remain valid until they expire.

    \b
    Examples:
      python -m app account password ana@example.com
      ACCOUNT_PASSWORD=… python -m app account password ana@example.com
    """

    async def run(database: UnitOfWork) -> None:
        await database.write(replace_password, email, await hash_password(password))

    _run_on_account(email, run)
    click.echo(f"Changed the password of {email}")


_RIGHTS = click.Choice([right.value for right in AdminRight])
_rights_argument = click.argument("rights", metavar="RIGHTS...", nargs=-1, required=True, type=_RIGHTS)


@account.command()
@click.argument("email", callback=_email)
@_rights_argument
def grant(email: str, rights: tuple[str, ...]) -> None:
    """Grant the account EMAIL rights on the admin pages.

    RIGHTS are login (log in) and answers (read the answers of interviews).

    \b
    Examples:
      python -m app account grant ana@example.com login
      python -m app account grant ana@example.com login answers
    """
    _set_rights(email, rights, granted=True)
    click.echo(f"Granted to {email}: {', '.join(rights)}")


@account.command()
@click.argument("email", callback=_email)
@_rights_argument
def revoke(email: str, rights: tuple[str, ...]) -> None:
    """Revoke rights on the admin pages from the account EMAIL, with effect from its next request.

    \b
    Examples:
      python -m app account revoke ana@example.com answers
    """
    _set_rights(email, rights, granted=False)
    click.echo(f"Revoked from {email}: {', '.join(rights)}")


@account.command(name="list")
def list_() -> None:
    """Print one line per account: address, role, employee, organization, names and rights, separated by tabs.

    \b
    Examples:
      python -m app account list
      python -m app account list | cut -f 1
    """
    for each in _run_on_database(lambda database: database.read(list_accounts)):
        rights = [
            right
            for right, has in ((AdminRight.LOGIN, each.may_log_in), (AdminRight.ANSWERS, each.reads_answers))
            if has
        ]
        fields = (each.email, each.role, each.employee_id, each.organization_id, each.name, each.organization_name)
        click.echo("\t".join([*map(str, fields), ",".join(rights)]))


@account.command()
@click.argument("email", callback=_email)
def remove(email: str) -> None:
    """Remove the account EMAIL, and log it out of the admin pages.

    Its interviews remain, and its tokens remain valid until they expire. `serve` adds a demo account again.

    \b
    Examples:
      python -m app account remove ana@example.com
    """
    _run_on_account(email, lambda database: database.write(remove_account, email))
    click.echo(f"Removed {email}")


def _set_rights(email: str, rights: tuple[str, ...], *, granted: bool) -> None:
    chosen = [AdminRight(right) for right in rights]
    _run_on_account(email, lambda database: database.write(set_rights, email, chosen, granted=granted))


def _run_on_account(email: str, operation: _Operation[object]) -> None:
    try:
        _run_on_database(operation)
    except AccountNotFound:
        raise click.ClickException(f"no account {email} exists") from None


def _run_on_database(operation: _Operation[_Result]) -> _Result:
    """Migrate the database, run the operation on it, and return its result."""
    settings = read_settings()

    async def run(url: str) -> _Result:
        await migrate_database(url)
        async with open_unit_of_work(url, settings) as database:
            return await operation(database)

    with database_url(settings) as url:
        return asyncio.run(run(url))
