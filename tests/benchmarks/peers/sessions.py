"""SQLAlchemy's engine and sessions, for both frameworks: a pool as large as the service's."""

import os

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

_POOL_SIZE = 10


async def _connect() -> asyncpg.Connection:
    return await asyncpg.connect(os.environ["DATABASE_URL"], server_settings={"timezone": "UTC"})


def make_engine() -> AsyncEngine:
    """Create the engine for DATABASE_URL. It does not connect yet."""
    return create_async_engine("postgresql+asyncpg://", async_creator=_connect, pool_size=_POOL_SIZE, max_overflow=0)


def make_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Create the factory of sessions."""
    return async_sessionmaker(engine, expire_on_commit=False)
