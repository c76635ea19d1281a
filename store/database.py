"""The database: opening it, and running one transaction after the other on its own threads.

A transaction is a plain synchronous function. On SQLite one thread writes and one reads; on PostgreSQL a few threads do
both. Nothing in a transaction waits for a network but the database's own.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event
from typing import Self, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from . import postgres, schema, sqlite
from .compiled import Forms, Swift
from .data_keys import DataKeys, path_beside
from .holding import Holding
from .keyring import Keyring
from .known import Known
from .orphans import sweep_orphans
from .refusals import SchemaRefused, StoreRefused
from .vault import Vault

__all__ = ["SchemaRefused", "Store", "StoreRefused", "Tx", "begins_again"]

T = TypeVar("T")

BEGUN_AGAIN = 5  # times at most, when transactions on several machines ran into each other


@dataclass(frozen=True, slots=True)
class Tx:
    """One transaction. `now` is its one instant; `vault` has the keys; `worker` is who works on the database by this
    store; `locking` is False where it may only read."""

    connection: Swift
    now: datetime
    vault: Vault
    worker: UUID
    locking: bool = True
    known: Known = field(default_factory=Known)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that can fail alone: what it wrote is undone when the block raises, and the rest goes on."""
        self.known.write(self.connection)
        whole = False
        try:
            with self.connection.part():
                yield
                self.known.write(self.connection)
            whole = True
        finally:
            if not whole:
                self.known.undo()

    def looking(self) -> "Tx":
        """The same transaction for who only looks: what is read is not held until the end."""
        return replace(self, locking=False)


@dataclass(frozen=True, slots=True)
class _Line:
    """Where transactions queue: an engine, and the threads that work on it."""

    engine: Engine
    threads: ThreadPoolExecutor
    vault: Vault
    worker: UUID
    writes: bool
    forms: Forms = field(default_factory=Forms)

    def transact(self, now: Callable[[], datetime], work: Callable[[Tx], T]) -> T:
        for before in range(BEGUN_AGAIN):
            worked = Event()
            try:
                return self._once(now, work, worked, alone=before > 0)
            except DBAPIError as error:
                nobody_knows = worked.is_set() and error.connection_invalidated
                if nobody_knows or not postgres.may_begin_again(error):
                    raise
        return self._once(now, work, Event(), alone=True)

    def _once(self, now: Callable[[], datetime], work: Callable[[Tx], T], worked: Event, *, alone: bool) -> T:
        """One try; `worked` is set when only the commit is left, after which nobody knows what became of it."""
        connection = Swift(self.engine, self.forms)
        with connection, connection.begin():
            if self.writes and self.engine.dialect.name == "postgresql":
                postgres.take_turn(connection, alone=alone)
            tx = Tx(connection, now(), self.vault, self.worker, self.writes)
            done = work(tx)
            tx.known.write(connection)
            worked.set()
        return done


def begins_again(fault: Exception) -> bool:
    """Whether `Store.run` begins a transaction again whose work ended by `fault`. Who catches everything inside of one
    lets this through: it is no fault of the row at hand."""
    return isinstance(fault, DBAPIError) and postgres.may_begin_again(fault)


class Store:
    """An open database. `shared_at` is its address where several may work on it, None where only one can; `holding` is
    what this one of them holds."""

    def __init__(self, writing: _Line, reading: _Line, now: Callable[[], datetime]) -> None:
        """For `open`."""
        self.vault = writing.vault
        self.worker = writing.worker
        self.shared_at = writing.engine.url if writing.engine.dialect.name == "postgresql" else None
        self.holding = Holding(self.shared_at)
        self._writing = writing
        self._reading = reading
        self._now = now

    @classmethod
    async def open(cls, url: str, now: Callable[[], datetime], keyring: Keyring) -> Self:
        """Open `url` (sqlite:///path or postgresql://…), creating or migrating the schema. `now` is the clock.

        The keyring may be locked. Raises StoreRefused, with one sentence that says what to do."""
        store = cls(*_lines_to(url, keyring), now)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(store.close)
            try:
                await store.run(_bring_up)
            except DBAPIError as error:
                reason = str(error.orig).splitlines()[0]
                raise StoreRefused(f"The database does not open; check its URL and that it runs: {reason}.") from error
            undo.pop_all()
        return store

    async def run(self, work: Callable[[Tx], T]) -> T:
        """Do `work` in one transaction: all of it is committed, or an exception propagates and nothing was done.

        On PostgreSQL `work` may be called more than once; only its last time counts."""
        return await self._on(self._writing, work)

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Do `work`, which cannot write, without waiting for those who write."""
        return await self._on(self._reading, work)

    async def _on(self, line: _Line, work: Callable[[Tx], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(line.threads, line.transact, self._now, work)

    async def forget_deleted(self) -> None:
        """Overwrite what was deleted where copies of it linger; PostgreSQL does so in its own time."""
        if self._writing.engine.dialect.name == "sqlite":
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._writing.threads, sqlite.truncate_log, self._writing.engine)

    async def close(self) -> None:
        """Let what runs come to its end, and let go of the database."""
        await self.holding.close()
        for line in (self._reading, self._writing):
            await asyncio.to_thread(line.threads.shutdown)
            line.engine.dispose()
        self.vault.data_keys.close()
        self.vault.forget()


def _lines_to(address: str, keyring: Keyring) -> tuple[_Line, _Line]:
    """Where to write and where to read."""
    worker = uuid4()
    try:
        url = make_url(address)
    except ArgumentError:
        raise StoreRefused("The database's URL cannot be read: write sqlite:///path or postgresql://….") from None
    if postgres.is_postgres(url):
        engine = postgres.engine_for(url)
        threads = ThreadPoolExecutor(postgres.POOL, "store")
        reader = engine.execution_options(postgresql_readonly=True)
        vault = Vault(keyring, DataKeys.in_transaction())
        return _Line(engine, threads, vault, worker, writes=True), _Line(reader, threads, vault, worker, writes=False)
    if url.drivername.split("+")[0] != "sqlite":
        raise StoreRefused("Tocsin keeps its data in SQLite or PostgreSQL: write sqlite:///path or postgresql://….")
    path = sqlite.file_of(url)
    schema.check(*sqlite.schema_in(path))
    sqlite.prepare_file(path)
    vault = Vault(keyring, DataKeys.in_file(path_beside(path)))
    return (
        _Line(
            sqlite.engine_for(path, read_only=False), ThreadPoolExecutor(1, "store-write"), vault, worker, writes=True
        ),
        _Line(
            sqlite.engine_for(path, read_only=True), ThreadPoolExecutor(1, "store-read"), vault, worker, writes=False
        ),
    )


def _bring_up(tx: Tx) -> None:
    from . import erasing  # which is made of transactions, as everything else in this room

    if tx.connection.dialect.name == "postgresql":
        postgres.begin_schema(tx.connection)
    schema.bring_up(tx.connection)
    erasing.go_on(tx)  # before a key of the instance is made where there was none
    tx.vault.settle(tx.connection, tx.now)
    sweep_orphans(tx.connection, tx.vault.data_keys)
