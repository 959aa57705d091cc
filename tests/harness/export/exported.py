"""Run exported tests as a project without statuspin would."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.timeouts import TIMEOUT


def run_pytest(text: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a module of exported tests in `folder`. variables: its environment, with BASE_URL and the credentials."""
    (folder / "test_pins.py").write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_pins.py"],
        cwd=folder,
        env={**os.environ, **variables, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
