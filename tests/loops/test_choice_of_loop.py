"""The server's event loop: uvloop where it exists, on Windows the Proactor loop (requirement 7.2), or asyncio's."""

import asyncio
import subprocess
import sys

import pytest

from app.server import loop_factory, new_event_loop
from tests.support.command_line import CHECKOUT
from tests.support.timeouts import TIMEOUT


@pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop for Windows")
def test_it_is_uvloop_where_that_exists() -> None:
    uvloop = pytest.importorskip("uvloop")

    assert loop_factory("linux") is uvloop.new_event_loop
    loop = new_event_loop()
    assert isinstance(loop, uvloop.Loop)
    loop.close()


def test_on_windows_it_is_the_proactor_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    class ProactorEventLoop(asyncio.SelectorEventLoop):
        """Stands where Windows has its own."""

    monkeypatch.setattr(asyncio, "ProactorEventLoop", ProactorEventLoop, raising=False)

    assert loop_factory("win32") is ProactorEventLoop


def test_it_is_asyncios_own_where_uvloop_is_missing() -> None:
    script = (
        "import sys; sys.modules['uvloop'] = None; import importlib.util as it; "
        "find = it.find_spec; it.find_spec = lambda name, *rest: None if name == 'uvloop' else find(name, *rest); "
        "import asyncio; from app.server import loop_factory; print(loop_factory('linux') is asyncio.new_event_loop)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, timeout=TIMEOUT
    )

    assert (result.stdout, result.stderr) == ("True\n", "")
