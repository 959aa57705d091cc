"""One PostgreSQL for the run, one database and one application for each worker, fresh owners for each test.

Nothing is cleaned up between tests: every test makes employees and organizations of its own, and reaches nobody else's.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from app.application import create_app
from app.database.engine import ENGINE
from app.database.transactions import Transactions
from app.settings import Settings
from tests.support.actors import Actor
from tests.support.bouncer import MISSING, WANTED, program
from tests.support.clients import client_of
from tests.support.cluster import Cluster, drop_database, new_database
from tests.support.loops import LoopFactory, chosen_loop, set_debug_mode
from tests.support.reaching import reached

_cluster = Cluster()


def pytest_configure(config: pytest.Config) -> None:
    """Start the server in the controller; workers find it in the environment."""
    set_debug_mode(config)
    if WANTED in os.environ and program() is None:
        pytest.exit(f"nothing is run through PgBouncer: {MISSING}", returncode=0)
    if not hasattr(config, "workerinput"):
        _cluster.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _cluster.stop()


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, LoopFactory]:
    """The loop of the run, as TEST_LOOP says."""
    return chosen_loop()


@pytest.fixture(scope="session")
def key_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of signing keys."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
async def database_url() -> AsyncIterator[str]:
    """This worker's database."""
    url = await new_database()
    yield url
    await drop_database(url)


@pytest.fixture(scope="session")
def settings(database_url: str, key_dir: Path) -> Settings:
    """The settings of this worker's application: overlapping statements raise, statements are told."""
    return Settings(
        jwt_key_dir=key_dir,
        overlap="raise",
        server_timing=True,
        login_attempts=1000,
        **{name.lower(): value for name, value in reached(database_url).items()},
    )


@pytest.fixture(scope="session")
async def app(settings: Settings) -> AsyncIterator[Starlette]:
    """The application, its lifespan entered."""
    application = create_app(settings)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture(scope="session")
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application, in the same process. Every answer that it gets is held to the contract."""
    async with client_of(app) as client:
        yield client


@pytest.fixture
def database(app: Starlette) -> Transactions:
    """Transactions on the application's own pool, for givens and for looking afterwards."""
    return Transactions(app.state.services.database)


@pytest.fixture
def owner(key_dir: Path) -> Actor:
    """A fresh employee of a fresh organization."""
    return Actor(key_dir)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def unarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Migrations run before the service is up; here one may be open in the same process."""
    monkeypatch.setattr(ENGINE, "_armed", 0)
