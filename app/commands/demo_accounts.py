"""The demo accounts, made where they are missing."""

from app import demo
from app.database.transactions import Transactions
from app.identity.passwords import hashed
from app.use_cases.accounts import AccountExists, NewAccount, add_account, find_account


async def ensure_demo_accounts(database: Transactions) -> None:
    """Add the accounts of `app.demo` that are not there yet."""
    for account in (demo.ADMIN, demo.USER):
        if not await database.reading(find_account, account.email):
            await _add(database, account)


async def _add(database: Transactions, account: demo.DemoAccount) -> None:
    new = NewAccount(
        email=account.email,
        password=await hashed(account.password),
        role=account.role,
        name=account.name,
        employee_id=account.employee_id,
        organization_id=demo.ORGANIZATION_ID,
        organization_name=demo.ORGANIZATION_NAME,
    )
    try:
        await database.writing(add_account, new)
    except AccountExists:
        return  # another process that starts at the same time was first
