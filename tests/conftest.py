"""One PostgreSQL for the run, one database and one application for each worker, fresh owners for each test.

Nothing is cleaned up between tests: every test makes employees and organizations of its own, and reaches nobody else's.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.loops import LoopFactory, chosen_loop, set_debug_mode

# Everything else is imported by the fixtures that use it: a pure unit test starts in a second, without PostgreSQL.
if TYPE_CHECKING:
    import httpx2
    from starlette.applications import Starlette

    from app.database.unit_of_work import UnitOfWork
    from app.settings import Settings
    from tests.support.actors import Actor


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that the controller and its workers share; the first test that needs PostgreSQL starts it."""
    set_debug_mode(config)
    if "TEST_COCKROACH" in os.environ:
        import app.database.engine  # noqa: F401 - it reads DATABASE_URL, which no test sees

    if hasattr(config, "workerinput"):
        return
    os.environ["TEST_RUN_FOLDER"] = tempfile.mkdtemp(prefix="interviews-")
    if {"TEST_PGBOUNCER", "TEST_COCKROACH"} & os.environ.keys():
        _start_with_a_proxy()


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> None:
    """Load Hypothesis's profile before the first module that imports it: no test depends on the machine's speed."""
    if "hypothesis" not in module_path.read_text(encoding="utf-8"):
        return
    from hypothesis import HealthCheck, settings

    if settings.get_current_profile_name() == "default":
        settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
        settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Unregister Hypothesis's plugin if no test has used it: it would import all of Hypothesis for its summary."""
    plugins = session.config.pluginmanager
    if "hypothesis" not in sys.modules and plugins.has_plugin("hypothesispytest"):
        plugins.unregister(name="hypothesispytest")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop PostgreSQL and remove the folder."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(os.environ["TEST_RUN_FOLDER"])
    if any(folder.iterdir()):
        from tests.support.cluster import shared_cluster

        shared_cluster().stop()
    shutil.rmtree(folder, ignore_errors=True)


def _start_with_a_proxy() -> None:
    """Start PgBouncer or the stand-in for CockroachDB, which belong to the controller, and PostgreSQL behind it."""
    from tests.support.bouncer import MISSING, WANTED, program
    from tests.support.cluster import shared_cluster

    if WANTED in os.environ and program() is None:
        pytest.exit(f"nothing is run through PgBouncer: {MISSING}", returncode=0)
    shared_cluster().start()


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
    from tests.support.cluster import drop_database, new_database

    url = await new_database()
    yield url
    await drop_database(url)


@pytest.fixture(scope="session")
def settings(database_url: str, key_dir: Path) -> Settings:
    """The settings of this worker's application: overlapping statements raise, statements are told."""
    from app.settings import Settings
    from tests.support.reaching import reached

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
    from app.application import create_app

    application = create_app(settings)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture(scope="session")
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application, in the same process. Every answer that it gets is held to the contract."""
    from tests.support.clients import client_of

    async with client_of(app) as client:
        yield client


@pytest.fixture
def database(app: Starlette) -> UnitOfWork:
    """Transactions on the application's own pool, for givens and for looking afterwards."""
    from app.database.unit_of_work import UnitOfWork

    return UnitOfWork(app.state.services.database)


@pytest.fixture
def owner(key_dir: Path) -> Actor:
    """A fresh employee of a fresh organization."""
    from tests.support.actors import Actor

    return Actor(key_dir)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test."""
    from app.settings import Settings

    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def unarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Migrations run before the service is up; here one may be open in the same process."""
    from app.database.engine import ENGINE

    monkeypatch.setattr(ENGINE, "_armed", 0)
