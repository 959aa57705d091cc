"""The server's event loop: uvloop if it is installed, the Proactor loop on Windows (requirement 7.2), or asyncio's."""

import asyncio
import subprocess
import sys

import pytest

from app.server import loop_factory, new_event_loop
from tests.support.command_line import CHECKOUT
from tests.support.timeouts import TIMEOUT


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not support Windows")
def test_the_loop_is_uvloops_if_it_is_installed() -> None:
    uvloop = pytest.importorskip("uvloop")

    assert loop_factory("linux") is uvloop.new_event_loop
    loop = new_event_loop()
    assert isinstance(loop, uvloop.Loop)
    loop.close()


def test_the_loop_is_the_proactor_loop_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    class ProactorEventLoop(asyncio.SelectorEventLoop):
        """Replaces the class of Windows."""

    monkeypatch.setattr(asyncio, "ProactorEventLoop", ProactorEventLoop, raising=False)

    assert loop_factory("win32") is ProactorEventLoop


def test_the_loop_is_asyncios_if_uvloop_is_missing() -> None:
    script = (
        "import sys; sys.modules['uvloop'] = None; import importlib.util as it; "
        "find = it.find_spec; it.find_spec = lambda name, *rest: None if name == 'uvloop' else find(name, *rest); "
        "import asyncio; from app.server import loop_factory; print(loop_factory('linux') is asyncio.new_event_loop)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, timeout=TIMEOUT
    )

    assert (result.stdout, result.stderr) == ("True\n", "")
