"""The change that the guard advises ends the failure: each suite fails, is changed as its output says, and passes."""

import re
from typing import NamedTuple

import pytest

from tests.loops.conftest import Suite, normalize_output


class Case(NamedTuple):
    """A suite and the change of it that the output asks for.

    says: a part of the advice. replace: texts of the source and their replacements. strict: the mode of pytest-asyncio.
    shared: whether fixtures and tests share a loop before the change, too.
    """

    source: str
    says: str
    replace: tuple[tuple[str, str], ...] = ()
    strict: bool = False
    shared: bool = False


POOL = """
import asyncio, os, asyncpg, httpx, pytest, pytest_asyncio
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

@pytest_asyncio.fixture(scope="session")
async def pool():
    async with asyncpg.create_pool(os.environ["SERVER"], min_size=1, max_size=2) as pool:
        yield pool
"""
TESTS = """
async def test_it(pool):
    assert await pool.fetchval("SELECT 1") == 1

async def test_again(pool):
    assert await pool.fetchval("SELECT 2") == 2
"""
APPLICATION = """
async def show(request):
    return PlainTextResponse(str(await request.app.state.pool.fetchval("SELECT 1")))

@pytest.fixture
def app(pool):
    app = Starlette(routes=[Route("/", show)])
    app.state.pool = pool
    return app

def test_it(app):
    client = TestClient(app)
    assert client.get("/").text == "1"

def test_again(app):
    client = TestClient(app)
    assert client.get("/").text == "1"
"""
FIXTURE_APP = """def app(pool):
    app = Starlette(routes=[Route("/", show)])
    app.state.pool = pool
    return app
"""
LIFESPAN_APP = """def app():
    @contextlib.asynccontextmanager
    async def lifespan(app):
        async with asyncpg.create_pool(os.environ["SERVER"], min_size=1, max_size=2) as app.state.pool:
            yield
    return Starlette(routes=[Route("/", show)], lifespan=lifespan)
"""
SERVER = """
async def answer(reader, writer):
    try:
        while await reader.readuntil(b"\\r\\n\\r\\n"):
            writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
    except asyncio.IncompleteReadError:
        writer.close()

@pytest.fixture(scope="session")
def url():
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(answer, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield "http://127.0.0.1:%d/" % server.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.close()
"""
IMPORTED = """
import asyncio, threading, httpx2, pytest, pytest_asyncio

client = httpx2.AsyncClient()
{server}
async def test_it(url):
    assert (await client.get(url)).json() == dict()

async def test_again(url):
    assert (await client.get(url)).json() == dict()
"""
CLIENT_FIXTURE = """
@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client():
    async with httpx2.AsyncClient() as client:
        yield client
"""
CASES = {
    "a session's fixture": Case(POOL + TESTS, "Give fixtures and tests one loop"),
    "strict mode": Case(
        POOL + TESTS.replace("async def", "@pytest.mark.asyncio\nasync def"),
        "Give fixtures and tests one loop",
        strict=True,
    ),
    "a loop scope of its own": Case(
        POOL + TESTS.replace("async def test_it", "@pytest.mark.asyncio(loop_scope='module')\nasync def test_it"),
        "and no other loop_scope on the fixture or on the test",
        (("(loop_scope='module')", ""),),
    ),
    "a test of anyio": Case(
        POOL.replace('"session"', '"session", loop_scope="session"')
        + "@pytest.fixture(scope='session')\ndef anyio_backend():\n    return 'asyncio'\n"
        + "@pytest.mark.asyncio(loop_scope='session')\nasync def test_first(pool): pass\n"
        + TESTS.replace("async def", "@pytest.mark.anyio\nasync def"),
        "mark the test with `asyncio` instead of `anyio`",
        (("mark.anyio", "mark.asyncio"),),
        strict=True,
    ),
    "a fixture of anyio": Case(
        POOL.replace("pytest_asyncio.fixture", "pytest.fixture").replace("pool():", "pool(anyio_backend):")
        + "@pytest.fixture(scope='session')\ndef anyio_backend():\n    return 'asyncio'\n"
        + "@pytest.mark.anyio\nasync def test_first(pool): pass\n"
        + TESTS.replace("async def", "@pytest.mark.asyncio\nasync def"),
        "decorate the fixture with\n`@pytest_asyncio.fixture`",
        (
            ("mark.anyio", "mark.asyncio"),
            ('@pytest.fixture(scope="session")\nasync', '@pytest_asyncio.fixture(scope="session")\nasync'),
            ("(anyio_backend)", "()"),
        ),
        strict=True,
    ),
    "TestClient, with a lifespan": Case(
        POOL + APPLICATION,
        "    with TestClient(app) as client:\n",
        (
            ("import asyncio,", "import asyncio, contextlib,"),
            (FIXTURE_APP, LIFESPAN_APP),
            ("    client = TestClient(app)\n    ", "    with TestClient(app) as client:\n        "),
        ),
    ),
    "TestClient, as an async test": Case(
        POOL + APPLICATION,
        "    transport = httpx.ASGITransport(app=app)\n"
        '    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:\n',
        (
            ("def test_", "async def test_"),
            (
                "    client = TestClient(app)\n    assert client",
                "    transport = httpx.ASGITransport(app=app)\n"
                '    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:\n'
                "        assert (await client",
            ),
            ('get("/").text', 'get("/")).text'),
        ),
    ),
    "TestClient in an async test": Case(
        POOL + APPLICATION.replace("def test_", "async def test_"),
        "    transport = httpx.ASGITransport(app=app)\n",
        (
            (
                "    client = TestClient(app)\n    assert client",
                "    transport = httpx.ASGITransport(app=app)\n"
                '    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:\n'
                "        assert (await client",
            ),
            ('get("/").text', 'get("/")).text'),
        ),
        shared=True,
    ),
    "asyncio.run in a sync test": Case(
        POOL + "def test_it(pool):\n    assert asyncio.run(pool.fetchval('SELECT 1')) == 1\n",
        "Or send the requests from an async test",
        (
            ("def test_it", "async def test_it"),
            ("asyncio.run(pool.fetchval('SELECT 1'))", "await pool.fetchval('SELECT 1')"),
        ),
    ),
    "a client at import": Case(
        IMPORTED.replace("{server}", SERVER),
        "Create it in an async fixture",
        (("\nclient = httpx2.AsyncClient()\n", CLIENT_FIXTURE), ("(url):", "(client, url):")),
    ),
    "a pool at import": Case(
        POOL.partition("@pytest_asyncio")[0]
        + "async def create():\n    return await asyncpg.create_pool(os.environ['SERVER'], min_size=1)\n"
        + "pool = asyncio.run(create())\n"
        + TESTS.replace("(pool)", "()"),
        "Create it in an async fixture",
        (
            (
                "pool = asyncio.run(create())\n",
                '@pytest_asyncio.fixture(scope="session", loop_scope="session")\n'
                "async def pool():\n    async with await create() as pool:\n        yield pool\n",
            ),
            ("test_it()", "test_it(pool)"),
            ("test_again()", "test_again(pool)"),
        ),
    ),
    "IsolatedAsyncioTestCase": Case(
        POOL
        + "import unittest\nclass TestIt(unittest.IsolatedAsyncioTestCase):\n"
        + "    @pytest.fixture(autouse=True)\n    def _put(self, pool):\n        self.pool = pool\n"
        + "    async def test_it(self):\n        assert await self.pool.fetchval('SELECT 1') == 1\n",
        "Create what the test needs in `asyncSetUp`",
        (
            (
                "    @pytest.fixture(autouse=True)\n    def _put(self, pool):\n        self.pool = pool\n",
                "    async def asyncSetUp(self):\n"
                "        self.pool = await asyncpg.create_pool(os.environ['SERVER'], min_size=1)\n"
                "        self.addAsyncCleanup(self.pool.close)\n",
            ),
        ),
    ),
}


SHARED = {"fixtures": "session", "tests": "session"}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_advised_change_ends_the_failure(suite: Suite, case: Case) -> None:
    mode = "strict" if case.strict else "auto"
    plugins = ("-p", "anyio.pytest_plugin") if "anyio" in case.source else ()
    before = SHARED if case.shared else {"fixtures": "fixture-scope"}
    failed = suite.run(case.source, *plugins, mode=mode, **before)
    output = normalize_output(failed)
    assert set(failed.parseoutcomes()) & {"failed", "errors"}, output
    assert case.says in output

    source = case.source
    for old, new in case.replace:
        assert old in source
        source = source.replace(old, new)
    settings = set(re.findall(r"^    (asyncio_default_\w+ = session)$", output, re.MULTILINE))
    scopes = SHARED if len(settings) == 2 else before
    changed = suite.run(source, *plugins, mode=mode, **scopes)

    assert set(changed.parseoutcomes()) == {"passed"}, normalize_output(changed)
