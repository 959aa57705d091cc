"""Check for optional packages without importing them."""

from importlib.util import find_spec


class ExtraMissing(Exception):
    """A setting requires an extra that is not installed. The message says in one line how to install it."""


def ensure_installed(setting: str, extra: str, *modules: str) -> None:
    """Raise ExtraMissing unless the modules of an extra are installed. setting: the one that requires them."""
    if not all(map(_is_installed, modules)):
        raise ExtraMissing(
            f"{setting} needs the extra `{extra}`: run pip install '.[{extra}]' in the project's folder, or unset it"
        )


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # A parent package is missing.
        return False
