"""What the database has to say about its own state."""

from piccolo.apps.migrations.tables import Migration

from app.database.statement import compiled

APPLIED = compiled(lambda: Migration.select(Migration.app_name, Migration.name))


async def applied_migrations() -> set[str]:
    """The names of the migrations that were applied, as app.database.migrations names them."""
    return {f"{row['app_name']}/{row['name']}" for row in await APPLIED.rows()}
