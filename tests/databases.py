"""A fresh store for a test, on either database.

SQLite: a file in the test's folder. PostgreSQL: a database of its own on the bundled server, copied from one that went
through the migrations once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from store.database import Store

from .keys import KEYRING
from .postgres import server

KINDS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))  # for parametrize
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


class Hands:
    """A clock that only moves when a test moves it."""

    def __init__(self, now: datetime = START) -> None:
        """Shows `now`."""
        self.shown = now

    def __call__(self) -> datetime:
        """The present instant."""
        return self.shown


@asynccontextmanager
async def fresh_store(kind: str, folder: Path, now: Callable[[], datetime] | None = None) -> AsyncIterator[Store]:
    """An open store with the schema and nothing in it, closed and gone afterwards."""
    async with fresh_database(kind, folder, migrated=True) as url:
        store = await Store.open(url, now or Hands(), KEYRING)
        try:
            yield store
        finally:
            await store.close()


@asynccontextmanager
async def fresh_database(kind: str, folder: Path, *, migrated: bool = False) -> AsyncIterator[str]:
    """The URL of a database that nobody has used, empty or with the schema."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'tocsin.sqlite'}"
        return
    postgres = server()
    name = await asyncio.to_thread(postgres.new_database, await asyncio.to_thread(_migrated) if migrated else None)
    try:
        yield postgres.url(name)
    finally:
        await asyncio.to_thread(postgres.drop, name)


@cache
def _migrated() -> str:
    """A database that went through the migrations, as a template for others."""
    postgres = server()
    name = postgres.new_database()

    async def migrate() -> None:
        await (await Store.open(postgres.url(name), Hands(), KEYRING)).close()

    asyncio.run(migrate())
    return name
