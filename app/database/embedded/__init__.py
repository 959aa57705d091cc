from app.database.embedded.errors import EmbeddedUnavailable
from app.database.embedded.postgres import EmbeddedPostgres, running_url

__all__ = ["EmbeddedPostgres", "EmbeddedUnavailable", "running_url"]
