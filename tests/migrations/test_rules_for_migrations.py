"""New migrations limit their wait for locks, and the tables of an interview cascade on delete."""

import re

import pytest
from piccolo.columns import ForeignKey, OnDelete
from piccolo.table import Table

from tables.interview import Interview
from tables.piccolo_app import APP_CONFIG
from tests.support.command_line import CHECKOUT

FOLDER = CHECKOUT / "tables" / "piccolo_migrations"
BEFORE_THE_RULE = {
    "interviews_2026_11_23t18_30_19_197144.py",
    "interviews_2026_11_23t18_40_00_000000.py",
    "interviews_2026_11_24t00_20_00_000000.py",
    "interviews_2026_11_24t05_02_36_707698.py",
}


def test_a_migration_limits_its_wait_for_locks() -> None:
    unlimited = [
        path.name
        for path in FOLDER.glob("interviews_*.py")
        if path.name not in BEFORE_THE_RULE
        and not re.search(r"plain_sql\(|add_raw\(limit_lock_wait\)", path.read_text(encoding="utf-8"))
    ]

    assert unlimited == [], "add `manager.add_raw(limit_lock_wait)`, from tables/plain_sql.py, before `return manager`"


@pytest.mark.parametrize("table", APP_CONFIG.table_classes, ids=lambda table: table.__name__)
def test_rows_that_belong_to_an_interview_are_deleted_with_it(table: type[Table]) -> None:
    for column in table._meta.columns:
        refers = isinstance(column, ForeignKey) and column._foreign_key_meta.resolved_references is Interview
        cascades = refers and column._foreign_key_meta.on_delete is OnDelete.cascade

        assert cascades or not (refers or (column._meta.name == "interview_id")), (
            f"tables/{table._meta.tablename}.py: {column._meta.name} needs "
            "ForeignKey(Interview, on_delete=OnDelete.cascade)"
        )
