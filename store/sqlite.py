"""SQLite: one file, one writer, and the settings under which a commit is a promise.

A setting holds for one connection only, and a wrong one is silently ignored: each is set when a connection opens, read
back, and the connection refused if it is not so.
"""

import os
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

from .refusals import StoreRefused

BUSY_TIMEOUT = 5_000  # milliseconds; another process, such as the command line, may be writing
TRIED_AGAIN_AFTER = 0.01  # seconds
ONLY_US = 0o600

SETTINGS: dict[str, tuple[str, object]] = {  # pragma: (as it is set, as it is read back)
    "busy_timeout": (str(BUSY_TIMEOUT), BUSY_TIMEOUT),
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "trusted_schema": ("OFF", 0),
    "cell_size_check": ("ON", 1),
    "temp_store": ("MEMORY", 2),
    "secure_delete": ("ON", 1),
}


def engine_for(path: Path, *, read_only: bool, settings: Mapping[str, tuple[str, object]] = SETTINGS) -> Engine:
    """An engine on the file. Every transaction of a writing one holds the file's one write lock from its
    beginning, so that what it has read stays true until it commits."""
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, hide_parameters=True, pool_size=1, max_overflow=0)
    held = {**settings, "query_only": ("ON", 1)} if read_only else settings

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma, (value, expected) in held.items():
            _hold(connection, pragma, value, expected)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _hold(connection: DBAPIConnection, pragma: str, value: str, expected: object) -> None:
    cursor = connection.cursor()
    _insist(cursor, f"PRAGMA {pragma} = {value}")
    cursor.execute(f"PRAGMA {pragma}")
    row = cursor.fetchone()
    cursor.close()
    held = row[0] if row else None
    if held != expected:
        raise StoreRefused(f"SQLite did not take the setting {pragma} = {value} (it says {held!r}): use a local disk.")


def _insist(cursor: DBAPICursor, statement: str) -> None:
    """Two who turn a new file to WAL at once are told "locked" without being made to wait (SQLite, "busy_timeout is not
    asked where waiting could be a deadlock"): ask again for as long as a writer would be waited for."""
    give_up_at = time.monotonic() + BUSY_TIMEOUT / 1000
    while True:
        try:
            cursor.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(TRIED_AGAIN_AFTER)


def truncate_log(engine: Engine) -> None:
    """Bring everything into the file and overwrite the log, in which copies of what was deleted linger.

    A reader in the middle of its transaction puts this off to the next time."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    finally:
        connection.close()


def file_of(url: URL) -> Path:
    """The file of `url`; raises StoreRefused when it names none."""
    if not url.database or url.database == ":memory:":
        raise StoreRefused("The database must be a file: write sqlite:/// and its path, or a postgresql:// address.")
    return Path(url.database)


def prepare_file(path: Path) -> None:
    """Make the file, for our eyes only, where there is none yet."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, ONLY_US))
    except OSError as error:
        raise StoreRefused(f"The database file cannot be written ({error.strerror}): {path}") from error


def schema_in(path: Path) -> tuple[bool, tuple[str, ...]]:
    """Whether the file holds any table, and the revisions it says it has; reads only, and leaves the file as it is."""
    if not path.exists() or path.stat().st_size == 0:
        return False, ()
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "alembic_version" not in names:
            return bool(names), ()
        return True, tuple(version for (version,) in connection.execute("SELECT version_num FROM alembic_version"))
    except sqlite3.DatabaseError as error:
        raise StoreRefused(f"This file cannot be read as a database ({error}): {path}") from error
    finally:
        connection.close()
