"""`python -m app migrate`: bring the database up to date, and say what was done."""

import asyncio

import click

from app.cli.environment import database_url, migrated, read_settings


@click.command()
def migrate() -> None:
    """Apply the migrations that the database lacks.

    Safe to run at any time, and by several at once: all of them or none are applied, by one process.

    \b
    Examples:
      DATABASE_URL=postgresql://… python -m app migrate
    """
    with database_url(read_settings()) as url:
        applied = asyncio.run(migrated(url))
    for name in applied:
        click.echo(f"Applied: {name}")
    click.echo(f"The database is up to date ({len(applied)} applied now)")
