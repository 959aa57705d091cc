"""`python -m app prune`: delete interviews that have not changed for a long time."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import click

from app.cli.environment import database_url, migrate_database, open_unit_of_work, read_settings
from app.settings import Settings
from app.use_cases.retention import FIRST, count_old_interviews, delete_old_interviews

_AGE = re.compile(r"([1-9][0-9]{0,5})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LONGEST = timedelta(days=36500)


def _age(context: click.Context, parameter: click.Parameter, value: str) -> timedelta:  # noqa: ARG001 - click's signature
    match = _AGE.fullmatch(value)
    age = int(match[1]) * _UNITS[match[2]] if match else _LONGEST
    if age >= _LONGEST:
        raise click.BadParameter("expected a number of hours, days or weeks below 100 years, such as 12h, 365d or 52w")
    return age


@click.command()
@click.option("--older-than", required=True, callback=_age, metavar="AGE", help="Hours, days or weeks: 12h, 365d, 52w.")
@click.option("--dry-run", is_flag=True, help="Only count the interviews.")
def prune(older_than: timedelta, *, dry_run: bool) -> None:
    """Delete the interviews whose last change is older than AGE, with any status.

    An answer and a change of status are changes. The messages and the stored responses to Idempotency-Keys are deleted
    with their interview. The service may run at the same time.

    \b
    Examples:
      python -m app prune --older-than 365d --dry-run
      DATABASE_URL=postgresql://… python -m app prune --older-than 365d
    """
    settings = read_settings()
    with database_url(settings) as url:
        number = asyncio.run(_prune(url, settings, datetime.now(UTC) - older_than, dry_run=dry_run))
    click.echo(f"{'Would delete' if dry_run else 'Deleted'} {number} interviews")


async def _prune(url: str, settings: Settings, before: datetime, *, dry_run: bool) -> int:
    await migrate_database(url)
    number = 0
    async with open_unit_of_work(url, settings) as database:
        run, use_case = (database.read, count_old_interviews) if dry_run else (database.write, delete_old_interviews)
        batch = await run(use_case, FIRST, before)
        while batch.last is not None:
            number += batch.matching
            batch = await run(use_case, batch.last, before)
    return number
