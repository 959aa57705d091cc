"""A database with the demo accounts, as the embedded default has them."""

from app.cli.environment import ensure_demo_accounts, open_unit_of_work
from app.settings import Settings
from tests.support.cluster import new_database
from tests.support.reaching import reached


async def database_with_accounts() -> str:
    """A new database with every table and the demo accounts; its URL."""
    url = await new_database()
    async with open_unit_of_work(reached(url)["DATABASE_URL"], Settings()) as database:
        await ensure_demo_accounts(database)
    return url
