"""Advice on how to make a value and its users share one event loop. tests/loops/test_advice.py tests each text."""

from collections.abc import Iterator
from types import TracebackType

from pytest_loopguard.fixtures import Finding

SETTINGS = """\
    asyncio_default_fixture_loop_scope = session
    asyncio_default_test_loop_scope = session
"""

ONE_LOOP = f"""\
Give fixtures and tests one loop, in pytest's ini file (in pyproject.toml with "session" in quotes):

{SETTINGS}
and no other loop_scope on the fixture or on the test."""

ONE_PLUGIN = f"""\
The fixture and the test are run by different plugins, pytest-asyncio and anyio, each on a loop of its own. Let
pytest-asyncio run both: mark the test with `asyncio` instead of `anyio`, decorate the fixture with
`@pytest_asyncio.fixture`, and give them one loop, in pytest's ini file (in pyproject.toml with "session" in quotes):

{SETTINGS}
and no other loop_scope on the fixture or on the test."""

LIFESPAN = f"""\
A TestClient and asyncio.run() run the application on a loop of their own. Create what the application needs in its
lifespan, and enter the client, so that both run on that loop:

    with TestClient(app) as client:
        client.get("/")

Or send the requests from an async test, which shares the loop of its fixtures:

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/")

For this, give fixtures and tests one loop, in pytest's ini file (in pyproject.toml with "session" in quotes):

{SETTINGS}"""

TEST_CASE = """\
unittest.IsolatedAsyncioTestCase runs each test on a loop of its own. Create what the test needs in `asyncSetUp`, or
write the test as a function and let pytest-asyncio run it."""

_PORTALS = ("starlette/testclient.py", "anyio/from_thread.py")


def create_in_fixture(name: str) -> str:
    """Return the advice for an object in a global, or in a sync fixture that ran its own loop."""
    return f"""\
Create it in an async fixture, and let tests ask for the fixture by its name:

    @pytest_asyncio.fixture(scope="session", loop_scope="session")
    async def {name}():
        async with ... as {name}:  # what creates it today
            yield {name}

Then give fixtures and tests one loop, in pytest's ini file (in pyproject.toml with "session" in quotes):

{SETTINGS}"""


def advise_on_finding(finding: Finding, *, same_plugin: bool) -> str:
    """Return the advice for a value on the wrong loop.

    same_plugin: whether one plugin runs both the fixture and its user.
    """
    if finding.fixture is None:
        return create_in_fixture(_last_word(finding.through).lower())
    return ONE_LOOP if same_plugin else ONE_PLUGIN


def advise_on_failure(
    traceback: TracebackType | None,
    *,
    same_plugin: bool,
    is_async: bool,
    is_test_case: bool,
    shares_loop: bool,
) -> str:
    """Return the advice for a failure from its traceback.

    same_plugin: whether pytest-asyncio runs the test. is_async: whether an async test or fixture failed. is_test_case:
    whether it is an unittest.IsolatedAsyncioTestCase. shares_loop: whether the test and all async fixtures have one
    loop already.
    """
    if is_test_case:
        return TEST_CASE
    if not is_async or any(file.replace("\\", "/").endswith(_PORTALS) for file in _files(traceback)):
        return LIFESPAN
    if shares_loop:
        return create_in_fixture("client")
    return ONE_LOOP if same_plugin else ONE_PLUGIN


def _files(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        yield traceback.tb_frame.f_code.co_filename
        traceback = traceback.tb_next


def _last_word(through: str) -> str:
    return through.removeprefix("global ").partition(" of ")[0].rpartition(" ")[2].rpartition(".")[2]
