"""Copies of a database while it is used: one file with what is kept, and apart from it one with the data keys.

Both are as sealed as the database is. The copy with the data keys is taken last: whoever came meanwhile has a key and
no rows, which does no harm, and whoever was erased meanwhile is erased in the copies too. What came in and waits to be
handled is with the data keys (see `copied_inbox`), for erasing somebody must reach every copy of it.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from itertools import filterfalse
from pathlib import Path

from sqlalchemy import Table, make_url
from sqlalchemy.exc import DBAPIError

from . import copied_inbox, dumps, postgres, sqlite
from .data_keys import path_beside
from .database import Store, Tx
from .keyring import Keyring
from .refusals import StoreRefused
from .tables import METADATA
from .tables.messages import INBOX

FILE, ROWS = "sqlite", "rows"  # what a copy is: a SQLite file, or rows as lines of JSON


@dataclass(frozen=True, slots=True)
class Copies:
    """The two files of a copy, and what they are."""

    kind: str
    main: Path
    keys: Path


async def take(url: str, into: Path) -> Copies:
    """Copy the database at `url` into the folder `into`. Raises StoreRefused when it cannot be read."""
    return await asyncio.to_thread(_take, url, into)


async def put_back(copies: Copies, url: str, now: Callable[[], datetime], keyring: Keyring) -> Store:
    """Make the database at `url` what was copied, and open it. Raises StoreRefused unless it is empty or not there."""
    address = make_url(url)
    if copies.kind == FILE:
        if postgres.is_postgres(address):
            raise StoreRefused("This is a copy of a SQLite file: name one that is not there yet in TOCSIN_DATABASE.")
        await asyncio.to_thread(_put_files, copies, sqlite.file_of(address))
        return await Store.open(url, now, keyring)
    async with AsyncExitStack() as undo:
        store = await Store.open(url, now, keyring)
        undo.push_async_callback(store.close)
        await store.run(lambda tx: _put_rows(tx, copies))
        undo.pop_all()
    return store


def _take(url: str, into: Path) -> Copies:
    address = make_url(url)
    if not postgres.is_postgres(address):
        path = sqlite.file_of(address)
        copies = Copies(FILE, into / "main", into / "keys")
        for source, target in ((path, copies.main), (path_beside(path), copies.keys)):
            _copy_file(source, target)
        copied_inbox.move(copies.main, copies.keys)
        return copies
    copies = Copies(ROWS, into / "main", into / "keys")
    engine = postgres.engine_for(address)
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
            for target in (copies.main, copies.keys):
                sqlite.prepare_file(target)
            with copies.main.open("w", encoding="utf-8") as file:
                without_raw = {INBOX.name: copied_inbox.rows_without_raw()}
                dumps.write_rows(connection, METADATA.sorted_tables, file, without_raw)
            with copies.keys.open("w", encoding="utf-8") as file:
                dumps.write_rows(connection, copied_inbox.OF_KEYS, file)
                copied_inbox.write_waiting(connection, file)
    except DBAPIError as error:
        raise StoreRefused(f"The database cannot be copied ({type(error.orig).__name__}): look if it runs.") from None
    finally:
        engine.dispose()
    return copies


def _copy_file(source: Path, target: Path) -> None:
    """SQLite's own way to copy what is being written (the backup API): no reader or writer waits for long."""
    sqlite.prepare_file(target)
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.execute(f"PRAGMA busy_timeout = {sqlite.BUSY_TIMEOUT}")
            old.backup(new)
    except sqlite3.Error as error:
        raise StoreRefused(f"The database cannot be copied ({error.sqlite_errorname}): {source}") from None


def _put_files(copies: Copies, path: Path) -> None:
    for source, target in ((copies.keys, path_beside(path)), (copies.main, path)):
        if target.exists():
            raise StoreRefused(f"There is a database already, and nothing in it was changed: move {target} away first.")
        sqlite.prepare_file(target)
        target.write_bytes(source.read_bytes())
    copied_inbox.move_back(path, path_beside(path))


def _put_rows(tx: Tx, copies: Copies) -> None:
    known: list[Table] = METADATA.sorted_tables
    if tx.connection.execute(METADATA.tables["person"].select().limit(1)).first() is not None:
        raise StoreRefused("This database holds people already, and nothing in it was changed: name an empty one.")
    dumps.read_rows(tx.connection, known, _lines(copies.main))
    with tx.vault.data_keys.changing(tx.connection) as own:
        dumps.read_rows(own, copied_inbox.OF_KEYS, filterfalse(copied_inbox.is_waiting, _lines(copies.keys)))
    copied_inbox.put_back(tx.connection, filter(copied_inbox.is_waiting, _lines(copies.keys)))
    tx.vault.forget()


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        yield from file
