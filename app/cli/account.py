"""`python -m app account`: accounts of the local issuer, on any database."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID, uuid4

import click

from app.cli.environment import database_url, migrated, open_unit_of_work, read_settings
from app.domain.permissions import ROLES
from app.identity.passwords import hash_password
from app.settings import Settings
from app.use_cases.accounts import AccountExists, AccountNotFound, NewAccount, add_account
from app.use_cases.administration import AdminRight, replace_password, set_rights

_SHORTEST, _LONGEST = 6, 128
"""Characters of a password, as BaseUser has it."""

_LONGEST_EMAIL = 100
"""Characters: it is the BaseUser's username too."""

_LONGEST_NAME = 255
"""Characters of a person's or an organization's name, as the table has it and a token's claims may have it."""


@click.group(invoke_without_command=True)
@click.pass_context
def account(context: click.Context) -> None:
    """Add accounts, change passwords, grant and revoke rights on the admin pages.

    Accounts log in at /api/v1/auth/login, where the service issues tokens itself (without JWT_JWKS_URL).
    """
    if context.invoked_subcommand is None:
        raise click.UsageError(f"Missing command. Choose from: {', '.join(account.list_commands(context))}")


def _email(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001 - click's signature
    local, _, domain = value.rpartition("@")
    if not local or not domain or " " in value or len(value) > _LONGEST_EMAIL or not value.isprintable():
        raise click.BadParameter(f"an e-mail address of {_LONGEST_EMAIL} characters at the most is expected")
    return value


def _name(context: click.Context, parameter: click.Parameter, value: str) -> str:  # noqa: ARG001 - click's signature
    if len(value) > _LONGEST_NAME or not value.isprintable():
        raise click.BadParameter(f"{_LONGEST_NAME} characters at the most are expected, all of them printable")
    return value


def _password(context: click.Context, parameter: click.Parameter, value: str | None) -> str:  # noqa: ARG001 - as above
    if value is None and not sys.stdin.isatty():
        raise click.BadParameter("there is no terminal to ask on; set ACCOUNT_PASSWORD")
    if value is None:
        value = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    if not _SHORTEST <= len(value) <= _LONGEST or "\0" in value or value.startswith("pbkdf2_sha256"):
        raise click.BadParameter(f"{_SHORTEST} to {_LONGEST} characters are expected")
    if any("\ud800" <= each <= "\udfff" for each in value):
        raise click.BadParameter("it is no UTF-8")  # Python takes bytes of a command line that are none for these
    return value


_password_option = click.option(
    "--password",
    envvar="ACCOUNT_PASSWORD",
    callback=_password,
    help="Asked for, or taken from ACCOUNT_PASSWORD, where left out: a command line can be seen by others.",
)


@account.command()
@click.argument("email", callback=_email)
@click.option(
    "--role",
    default="employee",
    show_default=True,
    type=click.Choice(sorted(ROLES)),
    help="Role, and with it the permissions.",
)
@click.option("--name", default="", callback=_name, help="The person's name.")
@click.option("--employee", type=click.UUID, help="The employee's id; a new one where left out.")
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
    settings = read_settings()
    employee_id = employee or uuid4()

    async def run(url: str) -> None:
        new = NewAccount(email, await hash_password(password), role, name, employee_id, organization, organization_name)
        await migrated(url)
        async with open_unit_of_work(url, settings) as database:
            await database.write(add_account, new)

    try:
        _on_database(run, settings)
    except AccountExists:
        raise click.ClickException(f"there is an account {email}, or for employee {employee_id}, already") from None
    click.echo(f"Added {email}: {role}, employee {employee_id}, organization {organization}")


@account.command()
@click.argument("email", callback=_email)
@_password_option
def password(email: str, password: str) -> None:
    """Change the password of the account EMAIL, and log it out of the admin pages.

    Tokens that it was given stay good until they expire.

    \b
    Examples:
      python -m app account password ana@example.com
      ACCOUNT_PASSWORD=… python -m app account password ana@example.com
    """
    settings = read_settings()

    async def run(url: str) -> None:
        stored = await hash_password(password)
        await migrated(url)
        async with open_unit_of_work(url, settings) as database:
            await database.write(replace_password, email, stored)

    try:
        _on_database(run, settings)
    except AccountNotFound:
        raise click.ClickException(f"there is no account {email}") from None
    click.echo(f"Changed the password of {email}")


_RIGHTS = click.Choice([right.value for right in AdminRight])
_rights_argument = click.argument("rights", metavar="RIGHTS...", nargs=-1, required=True, type=_RIGHTS)


@account.command()
@click.argument("email", callback=_email)
@_rights_argument
def grant(email: str, rights: tuple[str, ...]) -> None:
    """Give the account EMAIL rights on the admin pages: login, and answers, to read what was answered.

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
    """Take rights on the admin pages from the account EMAIL; it counts from the next request on.

    \b
    Examples:
      python -m app account revoke ana@example.com answers
    """
    _set_rights(email, rights, granted=False)
    click.echo(f"Revoked from {email}: {', '.join(rights)}")


def _set_rights(email: str, rights: tuple[str, ...], *, granted: bool) -> None:
    settings = read_settings()

    async def run(url: str) -> None:
        await migrated(url)
        async with open_unit_of_work(url, settings) as database:
            await database.write(set_rights, email, [AdminRight(right) for right in rights], granted=granted)

    try:
        _on_database(run, settings)
    except AccountNotFound:
        raise click.ClickException(f"there is no account {email}") from None


def _on_database(run: Callable[[str], Coroutine[Any, Any, None]], settings: Settings) -> None:
    with database_url(settings) as url:
        asyncio.run(run(url))
