"""A real service with the admin pages, on a database with accounts and an interview."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.cli.environment import open_unit_of_work
from app.database.unit_of_work import UnitOfWork
from app.identity.passwords import hash_password
from app.settings import Settings
from app.use_cases.accounts import NewAccount, add_account
from app.use_cases.administration import AdminRight, set_rights
from tests.admin.visitor import PASSWORD, AdminService, Visitor
from tests.support.actors import Actor
from tests.support.cluster import create_database, drop_database
from tests.support.connections import connection_settings
from tests.support.interviews import create_interview
from tests.support.service import Service


@pytest.fixture(scope="session")
def extra() -> None:
    """Skip the test if the extra is not installed."""
    pytest.importorskip("piccolo_admin", reason="the admin pages need the extra `admin`: pip install -e '.[admin]'")


@pytest.fixture(scope="package")
async def admin_database(extra: None, key_dir: Path) -> AsyncIterator[AdminService]:
    """Create the database. No service runs yet, so `url` is empty."""
    url = await create_database()
    async with open_unit_of_work(connection_settings(url)["DATABASE_URL"], Settings()) as database:
        interview = await create_interview(database, Actor(key_dir), messages=4, content="said in confidence {number}")
        admin_service = AdminService("", url, str(interview))
        await _account(database, admin_service.reader, AdminRight.LOGIN, AdminRight.ANSWERS)
        await _account(database, admin_service.clerk, AdminRight.LOGIN)
        await _account(database, admin_service.employee)
    yield admin_service
    await drop_database(url)


@pytest.fixture(scope="package")
def admin_service(admin_database: AdminService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdminService]:
    """Start the service. Overlapping statements raise, X-Forwarded-Proto is trusted, and the lock timeout is short."""
    folder = tmp_path_factory.mktemp("admin")
    settings = {
        "ADMIN": "true", "ADMIN_HOSTS": "interviews.example", "DATABASE_URL": admin_database.database_url,
        "STATE_DIR": str(folder), "OVERLAP": "raise", "TRUSTED_PROXIES": "127.0.0.1", "LOGIN_ATTEMPTS": "1000",
        "LOCK_TIMEOUT": "0.2",
    }  # fmt: skip
    with Service(folder, **settings) as service:
        yield AdminService(service.url, admin_database.database_url, admin_database.interview_id)


@pytest.fixture
def visitor(admin_service: AdminService) -> Iterator[Visitor]:
    """Create a visitor who has not logged in."""
    with Visitor(admin_service.url) as visitor:
        yield visitor


@pytest.fixture
def clerk(admin_service: AdminService, visitor: Visitor) -> Visitor:
    """Log in without the right to read answers."""
    assert visitor.login(admin_service.clerk).status_code == 200
    return visitor


async def _account(database: UnitOfWork, email: str, *rights: AdminRight) -> None:
    new = NewAccount(email, await hash_password(PASSWORD), "employee", email, uuid4(), uuid4(), "Ação & Cía")
    await database.write(add_account, new)
    await database.write(set_rights, email, rights, granted=True)
