"""The configuration of these tables for Piccolo's migrations."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from tables.account import Account
from tables.admin_session import AdminSession
from tables.idempotency_record import IdempotencyRecord
from tables.interview import Interview
from tables.interview_message import InterviewMessage

APP_CONFIG = AppConfig(
    app_name="interviews",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=[Interview, InterviewMessage, IdempotencyRecord, Account, AdminSession],
    migration_dependencies=["piccolo.apps.user.piccolo_app"],
)
