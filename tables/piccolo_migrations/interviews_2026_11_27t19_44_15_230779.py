from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod

from tables.plain_sql import limit_lock_wait

ID = "2026-11-27T19:44:15:230779"
VERSION = "1.38.0"
DESCRIPTION = "guide of an interview"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="interviews", description=DESCRIPTION
    )

    manager.add_column(
        table_class_name="Interview",
        tablename="interview",
        column_name="guide",
        db_column_name="guide",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 63,
            "default": "process-discovery",
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_raw(limit_lock_wait)
    return manager
