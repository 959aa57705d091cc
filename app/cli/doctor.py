"""`python -m app doctor`: check the configuration and the services that it names."""

import asyncio
import os
import sys
from collections.abc import Iterator
from difflib import get_close_matches

import click

from app.cli.environment import database_url, describe_database, read_settings
from app.context.factory import create_context_source
from app.database.errors import MigrationFailed
from app.database.migrations import pending
from app.database.privileges import Missing
from app.database.server_facts import read_server_facts
from app.domain.errors import DatabaseUnavailable, KeyServerUnavailable
from app.embedded_postgres import EmbeddedUnavailable
from app.identity.remote_keys import RemoteKeySet
from app.identity.signing_keys import SigningKeyError, load_or_create_keys
from app.interviewer.factory import ensure_usable
from app.logs import supports_color
from app.server import loop_factory
from app.settings import Settings

Finding = tuple[bool, str, str]
"""Whether the check passed, its subject, and its result."""


@click.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Check the settings, database, migrations, keys, interviewer and event loop.

    Prints one line per check, and exits with status 1 if a check fails. Changes nothing, except that it creates a
    signing key if none exists.

    \b
    Examples:
      python -m app doctor
      DATABASE_URL=postgresql://… python -m app doctor && systemctl restart interview-system
    """
    settings = read_settings()
    ensure_usable(settings)
    create_context_source(settings)
    findings = [
        *_settings(),
        *_database(settings),
        *_replica(settings),
        _keys(settings),
        _interviewer(settings),
        _loop(),
    ]
    for passed, subject, result in findings:
        mark = click.style("ok  ", fg="green") if passed else click.style("BAD ", fg="red")
        click.echo(f"{mark} {subject}: {result}", color=supports_color(sys.stdout))
    failed = sum(not passed for passed, _, _ in findings)
    click.echo(f"{failed} of {len(findings)} checks failed." if failed else "All checks passed.")
    context.exit(1 if failed else 0)


def _settings() -> Iterator[Finding]:
    """Find environment variables that are probably misspelt settings, because these have no effect."""
    names = {name.upper() for name in Settings.model_fields}
    for variable in sorted(os.environ):
        similar = get_close_matches(variable.upper(), names, n=1, cutoff=0.85)
        if similar and variable.upper() not in names:
            yield False, "settings", f"{variable} is not a setting and has no effect; did you mean {similar[0]}?"


def _database(settings: Settings) -> Iterator[Finding]:
    description = describe_database(settings)
    try:
        with database_url(settings) as url:
            description = describe_database(settings)  # The first start chooses the data folder.
            facts = asyncio.run(read_server_facts(url, accounts=settings.uses_accounts))
            migrations = asyncio.run(pending(url)) if facts.missing.can_read_migrations else None
    except DatabaseUnavailable as error:
        yield False, "database", f"{description}: {error.explanation}"
        return
    except (EmbeddedUnavailable, MigrationFailed) as error:
        yield False, "database", f"{description}: {error}"
        return
    yield True, "database", f"{description}: {facts.name}"
    if facts.connections is not None:
        yield (
            facts.connections > settings.pool_max_size,
            "connections",
            f"the server allows {facts.connections}; POOL_MAX_SIZE is {settings.pool_max_size} per worker",
        )
    if facts.pooled:
        yield _pooler(settings)
    yield _privileges(facts.missing, migrated=migrations == [])
    if migrations is None:
        yield False, "migrations", "not known, because the role cannot read the table migration"
    elif migrations:
        yield False, "migrations", f"{len(migrations)} to apply; run `python -m app migrate`"
    else:
        yield True, "migrations", "up to date"


def _privileges(missing: Missing, *, migrated: bool) -> Finding:
    if missing.privileges:
        return False, "privileges", f"the role of DATABASE_URL lacks {', '.join(missing.privileges)}; grant them"
    if missing.tables and migrated:
        return False, "privileges", f"the role of DATABASE_URL cannot see {', '.join(sorted(missing.tables))}"
    return True, "privileges", "on every table and sequence that exists"


def _replica(settings: Settings) -> Iterator[Finding]:
    if settings.replica_url is None:
        return
    try:
        facts = asyncio.run(read_server_facts(settings.replica_url, accounts=False))
    except DatabaseUnavailable as error:
        effect = "reads use the primary, and responses to writes are delayed"
        yield False, "replica", f"REPLICA_URL: {error.explanation}; {effect}"
        return
    if facts.in_recovery:
        yield True, "replica", f"{facts.name}, for reads that may be up to {settings.replica_max_lag:g} s old"
    else:
        yield (
            False,
            "replica",
            "REPLICA_URL names a server that is not a replica; correct or unset it",
        )


def _pooler(settings: Settings) -> Finding:
    if settings.statement_cache:
        return False, "pooler", "the database is behind a pooler; set STATEMENT_CACHE=false"
    return True, "pooler", "the database is behind a pooler; every use prepares its statement again"


def _keys(settings: Settings) -> Finding:
    if settings.jwt_jwks_url:
        return asyncio.run(_remote_keys(settings.jwt_jwks_url, settings))
    try:
        keys = load_or_create_keys(settings.key_dir)
    except (SigningKeyError, OSError) as error:
        return False, "keys", str(error)
    return True, "keys", f"{len(keys)} in {settings.key_dir}; the newest one signs"


async def _remote_keys(url: str, settings: Settings) -> Finding:
    keys = RemoteKeySet(url, timeout=settings.jwks_timeout, max_age=settings.jwks_max_age)
    try:
        await keys.check()
    except KeyServerUnavailable:
        return False, "keys", f"{url} is unreachable, or does not return a key set"
    finally:
        await keys.aclose()
    return True, "keys", f"{url} returns a key set"


def _interviewer(settings: Settings) -> Finding:
    if settings.interviewer == "scripted":
        return True, "interviewer", "the built-in guide"
    from app.interviewer.llm.client import check_model  # noqa: PLC0415 - optional, slow to import

    passed, reason = asyncio.run(check_model(settings))
    return passed, "interviewer", f"{settings.llm_model} at {settings.llm_base_url}: {reason}"


def _loop() -> Finding:
    factory = loop_factory()
    return True, "event loop", f"{factory.__module__}.{factory.__qualname__}"
