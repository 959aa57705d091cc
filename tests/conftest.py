"""One PostgreSQL for the run, one database and one application for each worker, fresh owners for each test.

Nothing is cleaned up between tests: each test creates its own employees and organizations.
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

from tests.support.loops import LoopFactory, loop_factories, set_debug_mode

# The fixtures import everything else, so that a pure unit test starts in a second and without PostgreSQL.
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
        import app.database.engine  # noqa: F401 - reads DATABASE_URL, which no test sees

    if hasattr(config, "workerinput"):
        return
    os.environ["TEST_RUN_FOLDER"] = tempfile.mkdtemp(prefix="interviews-")
    if {"TEST_PGBOUNCER", "TEST_COCKROACH"} & os.environ.keys():
        _start_proxy()


@pytest.hookimpl(tryfirst=True)
def pytest_make_collect_report(collector: pytest.Collector) -> None:
    """Load Hypothesis's profile before the first module that imports it: no test depends on the machine's speed."""
    if not isinstance(collector, pytest.Module) or "hypothesis" not in collector.path.read_text(encoding="utf-8"):
        return
    from hypothesis import HealthCheck, settings

    if settings.get_current_profile_name() == "default":
        settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
        settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Save coverage. Unregister Hypothesis's plugin if no test has used it: its summary imports all of Hypothesis."""
    _save_coverage()
    plugins = session.config.pluginmanager
    if "hypothesis" not in sys.modules and plugins.has_plugin("hypothesispytest"):
        plugins.unregister(name="hypothesispytest")


def _save_coverage() -> None:
    """Save what coverage has measured while xdist still waits for this worker.

    xdist kills a worker that has not exited ten seconds after it reported its end, and coverage saves only on exit.
    """
    if "coverage" not in sys.modules:
        return
    from coverage import Coverage

    if current := Coverage.current():
        current.save()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop PostgreSQL and remove the folder."""
    if hasattr(config, "workerinput"):
        return
    folder = Path(os.environ["TEST_RUN_FOLDER"])
    if any(folder.iterdir()):
        from tests.support.cluster import shared_cluster

        shared_cluster().stop()
    shutil.rmtree(folder, ignore_errors=True)


def _start_proxy() -> None:
    """Start PostgreSQL behind PgBouncer or the fake CockroachDB, which run in the controller."""
    from tests.support.cluster import shared_cluster
    from tests.support.pgbouncer import MISSING, VARIABLE, find_program

    if VARIABLE in os.environ and find_program() is None:
        pytest.exit(f"no test runs: {MISSING}", returncode=0)
    shared_cluster().start()


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, LoopFactory]:
    """Return the event loop that TEST_LOOP names."""
    return loop_factories()


@pytest.fixture(scope="session")
def key_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of signing keys."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
async def database_url() -> AsyncIterator[str]:
    """This worker's database."""
    from tests.support.cluster import create_database, drop_database

    url = await create_database()
    yield url
    await drop_database(url)


@pytest.fixture(scope="session")
def settings(database_url: str, key_dir: Path) -> Settings:
    """The settings of this worker's application: overlapping statements raise, responses count their statements."""
    from app.settings import Settings
    from tests.support.connections import connection_settings

    return Settings(
        jwt_key_dir=key_dir,
        overlap="raise",
        server_timing=True,
        login_attempts=1000,
        **{name.lower(): value for name, value in connection_settings(database_url).items()},
    )


@pytest.fixture(scope="session")
async def app(settings: Settings) -> AsyncIterator[Starlette]:
    """The application, after its startup."""
    from app.application import create_app

    application = create_app(settings)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture(scope="session")
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application in the same process. It checks every response against the contract."""
    from tests.support.clients import create_client

    async with create_client(app) as client:
        yield client


@pytest.fixture
def database(app: Starlette) -> UnitOfWork:
    """Transactions on the application's pool, to create and check rows."""
    from app.database.unit_of_work import UnitOfWork

    return UnitOfWork(app.state.services.database)


@pytest.fixture
def owner(key_dir: Path) -> Actor:
    """A new employee of a new organization."""
    from tests.support.actors import Actor

    return Actor(key_dir)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the settings of the machine from tests."""
    from app.settings import Settings

    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def migrations_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow migrations while an application runs in this process. In production migrations run first."""
    from app.database.engine import ENGINE

    monkeypatch.setattr(ENGINE, "_armed", 0)
