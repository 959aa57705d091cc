"""Piccolo's entry point: the engine, which connects to nothing until it is asked to, and the apps to migrate."""

from piccolo.conf.apps import AppRegistry

from app.database.engine import ENGINE

DB = ENGINE

APP_REGISTRY = AppRegistry(apps=["tables.piccolo_app", "piccolo.apps.user.piccolo_app"])
