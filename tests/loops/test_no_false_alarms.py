"""The guard allows values that work on every loop, by their type or by configuration."""

from tests.loops.conftest import Suite, normalize_output

KINDS = """
import asyncio, collections, contextlib, dataclasses, datetime, enum, functools, inspect, io, logging, pathlib
import subprocess, sys, threading, types, unittest.mock, uuid
import httpx, httpx2, pydantic, pydantic_settings, pytest

class User:
    kinds = {}
    def __init__(self, name): self.name, self.friends = name, [self]
class Slotted:
    __slots__ = ("name", "empty")
    def __init__(self): self.name = "x"
class Cache(dict):
    def __init__(self): self.hits, self._lock = 0, threading.Lock()
class Color(enum.Enum):
    RED = 1
class Model(pydantic.BaseModel):
    name: str = "x"
    inner: "Model | None" = None
class Settings(pydantic_settings.BaseSettings):
    url: str = "postgresql://"
@dataclasses.dataclass
class Row:
    user: User
    parts: list = dataclasses.field(default_factory=list)
@functools.lru_cache
def cached(number): return number

async def sent(library):
    transport = library.MockTransport(lambda request: library.Response(200, json={"token": "t"}))
    async with library.AsyncClient(transport=transport) as client:
        return await client.get("http://localhost")
async def finished():
    task = asyncio.create_task(asyncio.sleep(0, "x"))
    await task
    return task
def factory():
    user = User("x")
    def make(number): return {number: user}
    return make
async def coroutine_function(): return 1

MAKERS = {
    "response": lambda: httpx.Response(200, json={}, request=httpx.Request("GET", "http://x")),
    "response 2": lambda: httpx2.Response(200, text="x"),
    "received response": lambda: sent(httpx),
    "received response 2": lambda: sent(httpx2),
    "url": lambda: [httpx.URL("http://x"), httpx2.URL("http://x")],
    "headers": lambda: [httpx.Headers({"a": "b"}), httpx2.Headers(), httpx2.Cookies(), httpx2.QueryParams("a=1")],
    "sync client": lambda: httpx.Client(),
    "client of an application": lambda: httpx2.AsyncClient(transport=httpx2.ASGITransport(app=coroutine_function)),
    "namespace": lambda: types.SimpleNamespace(token="t", user=User("x")),
    "class": lambda: User,
    "factory": factory,
    "coroutine function": lambda: coroutine_function,
    "partial": lambda: functools.partial(factory, 1),
    "method": lambda: User("x").__init__,
    "process": lambda: subprocess.Popen([sys.executable, "-c", ""]),
    "model": lambda: Model(inner=Model()),
    "settings": lambda: Settings(),
    "object": lambda: User("x"),
    "slots": lambda: Slotted(),
    "dataclass": lambda: Row(User("x"), [Row(User("y"))]),
    "cache": lambda: [Cache(), cached, functools.cache(factory)],
    "enum": lambda: Color.RED,
    "containers": lambda: collections.OrderedDict(a=collections.deque([collections.Counter("x")])),
    "named tuple": lambda: collections.namedtuple("Point", "x y")(1, User("x")),
    "mock": lambda: [unittest.mock.Mock(), unittest.mock.AsyncMock(), unittest.mock.MagicMock(spec=asyncio.Lock)],
    "thread": lambda: [threading.Lock(), threading.Event(), threading.Thread(target=print)],
    "streams": lambda: [io.BytesIO(), io.StringIO(), logging.getLogger("x")],
    "generator": lambda: (number for number in range(2)),
    "exception": lambda: ValueError(User("x")),
    "stack": lambda: contextlib.ExitStack(),
    "path": lambda: [pathlib.Path("x"), uuid.uuid4(), datetime.datetime.now(datetime.UTC)],
    "module": lambda: asyncio,
    "finished task": finished,
}

async def make(name):
    value = MAKERS[name]()
    return await value if inspect.iscoroutine(value) else value

@pytest.fixture(scope="session", params=MAKERS)
async def value(request):
    return await make(request.param)

@pytest.fixture(scope="session")
async def everything(request):
    return [await make(name) for name in MAKERS], request, request.config

@pytest.fixture
def holder(value):
    return types.SimpleNamespace(value=value)

@pytest.fixture
async def user(value):
    return [value]

async def test_value(value): pass
async def test_holder(holder): pass
async def test_user(user): pass
async def test_everything(everything): pass
"""


def test_values_of_every_kind_pass_if_they_reach_nothing_of_a_loop(suite: Suite) -> None:
    result = suite.run(KINDS, fixtures="fixture-scope")

    assert set(result.parseoutcomes()) == {"passed"}


def test_what_runs_on_a_loop_in_another_thread_passes(suite: Suite) -> None:
    source = """
        import asyncio, contextlib, threading, types, pytest
        from starlette.applications import Starlette
        from starlette.testclient import TestClient

        @contextlib.asynccontextmanager
        async def lifespan(app):
            app.state.lock = asyncio.Lock()
            yield

        @pytest.fixture(scope="session")
        async def client():
            with TestClient(Starlette(lifespan=lifespan)) as client:
                yield client

        class Server:
            def __init__(self):
                self.loop = asyncio.new_event_loop()
                self.thread = threading.Thread(target=self.loop.run_forever)
                self.thread.start()
                self.queue = asyncio.run_coroutine_threadsafe(self.make(), self.loop).result()

            async def make(self):
                queue = asyncio.Queue()
                waiting = asyncio.create_task(queue.get())
                await asyncio.sleep(0)
                queue.put_nowait(1)
                await waiting
                return queue

            def stop(self):
                self.loop.call_soon_threadsafe(self.loop.stop)
                self.thread.join()
                self.loop.close()

        @pytest.fixture(scope="session")
        async def server():
            server = Server()
            yield server
            server.stop()

        @pytest.fixture(scope="session")
        def sync_server(server):
            return server

        async def test_it(server): pass
        async def test_again(sync_server): pass
        async def test_client(client): assert client.get("/").status_code == 404
    """
    result = suite.run(source, "-W", "error", fixtures="session")

    result.assert_outcomes(passed=3)


def test_a_client_at_import_passes_if_its_connections_are_closed(suite: Suite) -> None:
    source = """
        import asyncio, httpx2

        CLIENT = httpx2.AsyncClient()
        LOCK = asyncio.Lock()

        async def answer(reader, writer):
            await reader.readuntil(b"\\r\\n\\r\\n")
            writer.write(b"HTTP/1.1 204 No Content\\r\\nConnection: close\\r\\n\\r\\n")
            writer.close()

        async def use():
            async with LOCK, await asyncio.start_server(answer, "127.0.0.1", 0) as server:
                port = server.sockets[0].getsockname()[1]
                assert (await CLIENT.get(f"http://127.0.0.1:{port}")).status_code == 204

        async def test_it(): await use()
        async def test_again(): await use()
    """
    result = suite.run(source, fixtures="function")

    result.assert_outcomes(passed=2)


def test_fixtures_on_several_loops_pass_if_each_is_used_on_its_own(suite: Suite) -> None:
    source = """
        import asyncio, pathlib, pytest, pytest_asyncio

        @pytest.fixture(scope="session")
        async def lock():
            return asyncio.Lock()

        @pytest.fixture(scope="session")
        async def url(lock):
            async with lock:
                return {"url": "postgresql://", "path": pathlib.Path("here")}

        @pytest_asyncio.fixture(loop_scope="module", scope="module")
        async def of_module():
            yield asyncio.Lock()

        @pytest.fixture
        def table_of(lock):
            return "a name"

        @pytest.fixture(autouse=True, scope="session")
        def _all(pair): pass

        @pytest.fixture(scope="session")
        async def pair():
            return [asyncio.Lock(), asyncio.Lock()]

        async def test_a_plain_value(url): pass

        async def test_a_plain_value_that_a_sync_fixture_made(table_of): pass

        def test_a_sync_test(lock, url, of_module): pass

        @pytest.mark.asyncio(loop_scope="module")
        async def test_on_the_modules_loop(of_module, url): pass

        @pytest.mark.asyncio(loop_scope="session")
        async def test_on_the_sessions_loop(lock):
            async with lock: pass

        async def test_that_only_has_it_in_reach(request): pass

        class TestOverride:
            @pytest_asyncio.fixture(loop_scope="function")
            async def lock(self):
                yield asyncio.Lock()

            @pytest.fixture
            def holder(self, lock):
                return [lock]

            async def test_a_fixture_of_the_same_name(self, lock, holder): pass

            @pytest.mark.parametrize("url", [object()])
            async def test_an_argument_of_the_same_name(self, url): pass
    """
    result = suite.run(source, "-W", "error", fixtures="session", tests="function")

    result.assert_outcomes(passed=8)
    assert "loop guard: fixtures on session loops, tests on function loops\n" in normalize_output(result)


LOCK = """
import asyncio, pytest

@pytest.fixture(scope="session")
async def lock():
    return asyncio.Lock()
"""


def test_fixtures_that_the_ini_file_names_are_allowed_everywhere(suite: Suite) -> None:
    source = """
@pytest.fixture
def pair(lock, other):
    return [lock, other]

@pytest.fixture(scope="session")
async def other():
    return asyncio.Lock()

async def test_it(lock): pass

async def test_another(pair): pass
"""
    result = suite.run(LOCK + source, fixtures="session", ini="loop_guard_ignore = lock more")

    result.assert_outcomes(passed=1, failed=1)
    assert (
        "Fixture 'other' belongs to another event loop than the test 'test_another' that uses it.\n"
        in normalize_output(result)
    )


def test_a_mark_allows_all_or_named_fixtures_for_one_test(suite: Suite) -> None:
    source = """
@pytest.fixture
async def holder(lock):
    return lock

@pytest.mark.any_loop
async def test_all(lock): pass

@pytest.mark.any_loop("lock")
async def test_named(lock): pass

@pytest.mark.any_loop("other")
async def test_another_named(lock): pass

@pytest.mark.any_loop
async def test_by_way_of_a_fixture(holder): pass

async def test_unmarked(lock): pass
"""
    result = suite.run(LOCK + source, "-rA", fixtures="fixture-scope")

    result.assert_outcomes(passed=3, failed=2)
    for name in ("test_another_named", "test_unmarked"):
        assert f"FAILED test_suite.py::{name} " in normalize_output(result)


def test_each_loop_factory_has_its_own_fixtures(suite: Suite) -> None:
    conftest = """
        import asyncio

        def pytest_asyncio_loop_factories(config, item):
            return {"one": asyncio.new_event_loop, "other": asyncio.SelectorEventLoop}
    """
    source = LOCK + "async def test_a(lock): pass\nasync def test_b(lock): pass\n"

    result = suite.run(source, "-W", "error", fixtures="session", tests="session", conftest=conftest)

    result.assert_outcomes(passed=4)


def test_the_guard_imports_and_prints_nothing_without_pytest_asyncio(suite: Suite) -> None:
    source = """
        import sys

        def test_it():
            assert not {"asyncpg", "pytest_asyncio", "app", "tables"} & set(sys.modules)
    """
    result = suite.run(source, "-W", "error", asyncio=False)

    result.assert_outcomes(passed=1)
    assert "loop guard:" not in normalize_output(result)
