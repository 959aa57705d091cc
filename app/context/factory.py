"""Create the source of contexts that the settings name. Its modules are imported only if they name one."""

from app.context.source import ContextSource
from app.settings import Settings


def create_context_source(settings: Settings) -> ContextSource | None:
    """Return the source, or None without CONTEXT_FILE and CONTEXT_URL. Raises InvalidContext if the file is invalid."""
    if settings.context_file:
        from app.context.file import FileContext  # noqa: PLC0415 - imports rapidfuzz

        return FileContext(settings.context_file)
    if settings.context_url:
        from app.context.remote import RemoteContext  # noqa: PLC0415 - imports rapidfuzz

        return RemoteContext(settings.context_url, timeout=settings.context_timeout)
    return None
