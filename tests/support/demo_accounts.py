"""A database with the demo accounts of the embedded default."""

from app.cli.environment import ensure_demo_accounts, open_unit_of_work
from app.settings import Settings
from tests.support.cluster import create_database
from tests.support.connections import connection_settings


async def create_database_with_accounts() -> str:
    """Create a database with every table and the demo accounts, and return its URL."""
    url = await create_database()
    async with open_unit_of_work(connection_settings(url)["DATABASE_URL"], Settings()) as database:
        await ensure_demo_accounts(database)
    return url
