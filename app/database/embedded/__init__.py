from app.database.embedded.errors import EmbeddedUnavailable
from app.database.embedded.keeper import Keeper
from app.database.embedded.postgres import EmbeddedPostgres, running_url

__all__ = ["EmbeddedPostgres", "EmbeddedUnavailable", "Keeper", "running_url"]
