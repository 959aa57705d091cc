"""`python -m app migrate`: bring the database up to date, and say what was done."""

import asyncio

import click

from app.commands.environment import database_url, read_settings
from app.database import migrations


@click.command()
def migrate() -> None:
    """Apply the migrations that the database lacks. Safe to run at any time, and by several at once."""
    with database_url(read_settings()) as url:
        applied = asyncio.run(migrations.migrate(url))
    for name in applied:
        click.echo(f"Applied: {name}")
    click.echo(f"The database is up to date ({len(applied)} applied now)")
