"""The demo accounts, made where they are missing."""

from app.database.unit_of_work import UnitOfWork
from app.identity import demo_accounts
from app.identity.passwords import hash_password
from app.use_cases.accounts import AccountExists, NewAccount, add_account, find_account


async def ensure_demo_accounts(database: UnitOfWork) -> None:
    """Add the accounts of `app.identity.demo_accounts` that are not there yet."""
    for account in (demo_accounts.ADMIN, demo_accounts.USER):
        if not await database.read(find_account, account.email):
            await _add(database, account)


async def _add(database: UnitOfWork, account: demo_accounts.DemoAccount) -> None:
    new = NewAccount(
        email=account.email,
        password=await hash_password(account.password),
        role=account.role,
        name=account.name,
        employee_id=account.employee_id,
        organization_id=demo_accounts.ORGANIZATION_ID,
        organization_name=demo_accounts.ORGANIZATION_NAME,
    )
    try:
        await database.write(add_account, new)
    except AccountExists:
        return  # another process that starts at the same time was first
