from app.embedded_postgres.errors import EmbeddedUnavailable
from app.embedded_postgres.keeper import Keeper
from app.embedded_postgres.postgres import EmbeddedPostgres, running_url

__all__ = ["EmbeddedPostgres", "EmbeddedUnavailable", "Keeper", "running_url"]
