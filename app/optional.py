"""Optional parts of the installation: asked for without importing any of them."""

from importlib.util import find_spec


class ExtraMissing(Exception):
    """A setting asks for what is not installed; says in one line how to get it."""


def ensure_installed(setting: str, extra: str, *modules: str) -> None:
    """Raise ExtraMissing unless all `modules` of the extra are there. setting: what asks for them, as it is set."""
    if not all(map(_is_there, modules)):
        raise ExtraMissing(
            f"{setting} needs the extra `{extra}`: pip install '.[{extra}]' in the project's folder, or leave it out"
        )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # a parent is missing
        return False
