"""A database with the demo accounts, as the embedded default has them."""

from app import demo
from app.commands.environment import transactions
from app.identity.passwords import hashed
from app.settings import Settings
from app.use_cases.accounts import NewAccount, add_account
from tests.support.cluster import new_database


async def database_with_accounts() -> str:
    """A new database with every table and the demo accounts; its URL."""
    url = await new_database()
    async with transactions(url, Settings()) as database:
        for account in (demo.ADMIN, demo.USER):
            new = NewAccount(
                email=account.email,
                password=await hashed(account.password),
                role=account.role,
                name=account.name,
                employee_id=account.employee_id,
                organization_id=demo.ORGANIZATION_ID,
                organization_name=demo.ORGANIZATION_NAME,
            )
            await database.writing(add_account, new)
    return url
