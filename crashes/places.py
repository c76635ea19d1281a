"""Where an instance lives during one run: a folder with keys, and a database of either kind.

Everybody is enrolled once; each run begins on a copy. SQLite: the files are copied. PostgreSQL: a template database.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg

from bench.postgres import Server
from engine.clock import SystemClock
from store.keyring import Keyring

from .storms import Storm

FILE = "tocsin.sqlite"
UNSETTLED = "SELECT count(*) FROM delivery WHERE alarm AND state IN ('pending', 'sending')"
KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Place:
    """One copy of an instance: its folder, the URL of its database, and who is in it."""

    folder: Path
    url: str
    keyring: Keyring
    ids: Sequence[UUID]

    @property
    def file(self) -> Path:
        """The file of the database, on SQLite."""
        return self.folder / FILE

    def unsettled(self) -> int:
        """How many alarms are still to be sent, or of unknown outcome; 1 while nobody can be asked."""
        try:
            if self.url.startswith("sqlite"):
                with closing(sqlite3.connect(f"{self.file.as_uri()}?mode=ro", uri=True)) as reader:
                    return int(reader.execute(UNSETTLED).fetchone()[0])
            with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
                found = connection.execute(UNSETTLED).fetchone()
                return int(found[0]) if found else 0
        except (psycopg.OperationalError, sqlite3.OperationalError):
            return 1


@dataclass(slots=True)
class OnSqlite:
    """An instance in `folder` with a storm that is to come; use `enrolled`."""

    folder: Path
    storm: Storm
    keyring: Keyring
    ids: Sequence[UUID]
    kind: str = "sqlite"
    numbers: "count[int]" = field(default_factory=count)

    @classmethod
    async def enrolled(cls, folder: Path, storm: Storm) -> "OnSqlite":
        """Everybody of `storm` is enrolled."""
        keyring = _keys(folder)
        return cls(folder, storm, keyring, await storm.enrol(f"sqlite:///{folder / FILE}", keyring))

    @asynccontextmanager
    async def copy(self) -> AsyncIterator[Place]:
        """A copy, thrown away afterwards."""
        place = Path(f"{self.folder}-{next(self.numbers)}")
        await asyncio.to_thread(shutil.copytree, self.folder, place)
        try:
            yield Place(place, f"sqlite:///{place / FILE}", self.keyring, self.ids)
        finally:
            shutil.rmtree(place, ignore_errors=True)


@dataclass(slots=True)
class OnPostgres:
    """The same on a server; use `enrolled`."""

    folder: Path
    storm: Storm
    keyring: Keyring
    ids: Sequence[UUID]
    server: Server
    template: str
    kind: str = "postgresql"
    numbers: "count[int]" = field(default_factory=count)

    @classmethod
    async def enrolled(cls, folder: Path, storm: Storm, server: Server) -> "OnPostgres":
        """Everybody of `storm` is enrolled."""
        keyring = _keys(folder)
        template = await asyncio.to_thread(server.new_database)
        return cls(folder, storm, keyring, await storm.enrol(server.url(template), keyring), server, template)

    @asynccontextmanager
    async def copy(self) -> AsyncIterator[Place]:
        """A copy, thrown away afterwards."""
        place = Path(f"{self.folder}-{next(self.numbers)}")
        await asyncio.to_thread(shutil.copytree, self.folder, place)
        name = await asyncio.to_thread(self.server.new_database, self.template)
        try:
            yield Place(place, self.server.url(name), self.keyring, self.ids)
        finally:
            await asyncio.to_thread(self.server.drop, name)
            shutil.rmtree(place, ignore_errors=True)


Original = OnSqlite | OnPostgres


def _keys(folder: Path) -> Keyring:
    folder.mkdir()
    keyring = Keyring.fresh(SystemClock().now())
    keyring.save(folder / "keys")
    return keyring
