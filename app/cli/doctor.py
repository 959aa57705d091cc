"""`python -m app doctor`: what is wrong with the set-up, in words."""

import asyncio
import sys
from collections.abc import Iterator

import click

from app.cli.environment import database_place, database_url, read_settings
from app.database.failures import MigrationFailed
from app.database.migrations import pending
from app.database.server_facts import server_facts
from app.domain.errors import DatabaseUnavailable, KeyServerUnavailable
from app.embedded_postgres import EmbeddedUnavailable
from app.identity.remote_keys import RemoteKeySet
from app.identity.signing_keys import SigningKeyError, load_or_create_keys
from app.interviewer.factory import ensure_usable
from app.logs import supports_color
from app.server import loop_factory
from app.settings import Settings

Finding = tuple[bool, str, str]
"""Whether it is well, what was looked at, what was found."""


@click.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Look at database, migrations, keys, interviewer and loop.

    Says of each in words whether it is well, and exits with 1 where something is wrong. Changes nothing but that it
    makes a signing key where there is none.

    \b
    Examples:
      python -m app doctor
      DATABASE_URL=postgresql://… python -m app doctor && systemctl restart interview-system
    """
    settings = read_settings()
    ensure_usable(settings)
    findings = [*_database(settings), *_replica(settings), _keys(settings), _interviewer(settings), _loop()]
    for well, subject, found in findings:
        mark = click.style("ok  ", fg="green") if well else click.style("BAD ", fg="red")
        click.echo(f"{mark} {subject}: {found}", color=supports_color(sys.stdout))
    wrong = sum(not well for well, _, _ in findings)
    click.echo("All is well." if not wrong else f"{wrong} of {len(findings)} need your attention.")
    context.exit(1 if wrong else 0)


def _database(settings: Settings) -> Iterator[Finding]:
    which = database_place(settings)
    try:
        with database_url(settings) as url:
            facts = asyncio.run(server_facts(url))
            missing = asyncio.run(pending(url))
    except DatabaseUnavailable as error:
        yield False, "database", f"{which}: {error.explanation}"
        return
    except (EmbeddedUnavailable, MigrationFailed) as error:
        yield False, "database", f"{which}: {error}"
        return
    yield True, "database", f"{which}: {facts.name}"
    if facts.connections is not None:
        yield (
            facts.connections > settings.pool_max_size,
            "connections",
            f"{facts.connections} are allowed, POOL_MAX_SIZE is {settings.pool_max_size} for each worker",
        )
    if facts.pooled:
        yield _pooler(settings)
    yield (
        (False, "migrations", f"{len(missing)} to apply; run `python -m app migrate`")
        if missing
        else (True, "migrations", "up to date")
    )


def _replica(settings: Settings) -> Iterator[Finding]:
    if settings.replica_url is None:
        return
    try:
        facts = asyncio.run(server_facts(settings.replica_url))
    except DatabaseUnavailable as error:
        late = "reads go to the primary, and answers to writes are late"
        yield False, "replica", f"REPLICA_URL: {error.explanation}; {late}"
        return
    if facts.follows:
        yield True, "replica", f"{facts.name}, for reads that may be {settings.replica_max_lag:g} s old"
    else:
        yield False, "replica", "REPLICA_URL leads to a server that follows none; unset it, or name a streaming replica"


def _pooler(settings: Settings) -> Finding:
    if settings.statement_cache:
        return False, "pooler", "there is one before the database; set STATEMENT_CACHE=false"
    return True, "pooler", "there is one before the database; statements are prepared anew for each use"


def _keys(settings: Settings) -> Finding:
    if settings.jwt_jwks_url:
        return asyncio.run(_remote_keys(settings.jwt_jwks_url, settings))
    try:
        keys = load_or_create_keys(settings.key_dir)
    except (SigningKeyError, OSError) as error:
        return False, "keys", str(error)
    return True, "keys", f"{len(keys)} in {settings.key_dir}, the newest signs"


async def _remote_keys(url: str, settings: Settings) -> Finding:
    keys = RemoteKeySet(url, timeout=settings.jwks_timeout, max_age=settings.jwks_max_age)
    try:
        await keys.check()
    except KeyServerUnavailable:
        return False, "keys", f"{url} is out of reach, or gives no key set"
    finally:
        await keys.aclose()
    return True, "keys", f"{url} answers"


def _interviewer(settings: Settings) -> Finding:
    if settings.interviewer == "scripted":
        return True, "interviewer", "the guide that comes along"
    from app.interviewer.llm.client import check_model  # noqa: PLC0415 - an optional dependency, slow to import

    well, seen = asyncio.run(check_model(settings))
    return well, "interviewer", f"{settings.llm_model} at {settings.llm_base_url}: {seen}"


def _loop() -> Finding:
    factory = loop_factory()
    return True, "event loop", f"{factory.__module__}.{factory.__qualname__}"
