"""Whether the extra `admin` is installed, asked without importing any of it."""

from importlib.util import find_spec


class AdminNotInstalled(Exception):
    """ADMIN is true, and Piccolo Admin is not there; says in one line how to get it."""


def ensure_installed() -> None:
    """Raise AdminNotInstalled unless the admin pages can be served."""
    if find_spec("piccolo_admin") is None:
        raise AdminNotInstalled(
            "ADMIN is true, but the extra `admin` is not installed: pip install '.[admin]' in the project's folder, "
            "or set ADMIN=false"
        )
