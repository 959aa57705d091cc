"""`python -m app migrate`: apply the missing migrations."""

import asyncio

import click

from app.cli.environment import database_url, migrate_database, read_settings


@click.command()
def migrate() -> None:
    """Apply the missing migrations to the database.

    Safe to run at any time and by several processes: one of them applies all migrations or none.

    \b
    Examples:
      DATABASE_URL=postgresql://… python -m app migrate
    """
    with database_url(read_settings()) as url:
        applied = asyncio.run(migrate_database(url))
    for name in applied:
        click.echo(f"Applied: {name}")
    click.echo(f"The database is up to date ({len(applied)} applied)")
