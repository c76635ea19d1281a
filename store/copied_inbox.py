"""What came in raw, in a copy: it goes with the data keys, and not with the data, which may be kept for years.

Raw updates are sealed to the ingest key and under nobody's own key: who is erased would stay in them. What waits to be
handled is kept with the data keys, for as long as those; what was set aside is in no copy, only that it was.

To which key what comes in is sealed is in no copy either: the folder of keys says so when the copy is put back.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    case,
    literal,
    select,
    update,
)

from . import dumps
from .tables.keys import INGEST_KEY, KEYS
from .tables.messages import INBOX

OF_KEYS = [table for table in KEYS.sorted_tables if table is not INGEST_KEY]  # what a copy of the data keys holds
NOTHING = b""  # in the place of what came
WAITING_RAW = Table(
    "waiting_raw",
    MetaData(),
    Column("source", String(), nullable=False),
    Column("update_id", BigInteger(), nullable=False),
    Column("raw", LargeBinary(), nullable=False),
)
WAITS = select(INBOX.c.source, INBOX.c.update_id, INBOX.c.raw).where(INBOX.c.state == "waiting")
FILL = (
    update(INBOX)
    .where(
        INBOX.c.source == bindparam("of_source"),
        INBOX.c.update_id == bindparam("number"),
        INBOX.c.state == "waiting",
    )
    .values(raw=bindparam("came"))
)
MOVE = """
    CREATE TABLE beside.waiting_raw (source TEXT NOT NULL, update_id INTEGER NOT NULL, raw BLOB NOT NULL);
    INSERT INTO beside.waiting_raw SELECT source, update_id, raw FROM main.inbox WHERE state = 'waiting';
    UPDATE main.inbox SET raw = zeroblob(0) WHERE raw IS NOT NULL;
"""
MOVE_BACK = """
    UPDATE main.inbox SET raw = kept.raw FROM beside.waiting_raw AS kept
        WHERE inbox.source = kept.source AND inbox.update_id = kept.update_id AND inbox.state = 'waiting';
    DROP TABLE beside.waiting_raw;
"""
OF_BESIDE = "SELECT name FROM beside.sqlite_master WHERE type = 'table'"


def move(main: Path, keys: Path) -> None:
    """Take what came raw out of the copy of a SQLite database, and put what waits into that of its data keys."""
    with _both(main, keys) as (both, tables):
        forget = "DELETE FROM beside.ingest_key;" if INGEST_KEY.name in tables else ""
        both.executescript(f"BEGIN IMMEDIATE; {MOVE} {forget} COMMIT;")


def move_back(main: Path, keys: Path) -> None:
    """Put what waited back into the database, as far as it came with these data keys."""
    with _both(main, keys) as (both, tables):
        if WAITING_RAW.name in tables:
            both.executescript(f"BEGIN IMMEDIATE; {MOVE_BACK} COMMIT;")


@contextmanager
def _both(main: Path, keys: Path) -> Iterator[tuple[sqlite3.Connection, set[str]]]:
    """A connection to both files, and which tables the data keys have; what is deleted is overwritten."""
    with closing(sqlite3.connect(main, isolation_level=None)) as both:
        both.execute("ATTACH ? AS beside", (str(keys),))
        for place in ("main", "beside"):
            both.execute(f"PRAGMA {place}.journal_mode = DELETE")
            both.execute(f"PRAGMA {place}.secure_delete = ON")
        yield both, {name for (name,) in both.execute(OF_BESIDE)}


def rows_without_raw() -> Select[tuple[object, ...]]:
    """The inbox as it stands in a copy of the data."""
    nothing = case((INBOX.c.raw.is_not(None), literal(NOTHING, LargeBinary))).label("raw")
    return select(*(nothing if column is INBOX.c.raw else column for column in INBOX.c))


def write_waiting(connection: Connection, into: IO[str]) -> None:
    """Write what waits behind the data keys in their copy."""
    dumps.write_rows(connection, [WAITING_RAW], into, {WAITING_RAW.name: WAITS})


def is_waiting(line: str) -> bool:
    """Whether a line of a copy of data keys is of what waited."""
    return bool(json.loads(line)["table"] == WAITING_RAW.name)


def put_back(connection: Connection, lines: Iterable[str]) -> None:
    """Put what waited, as these lines tell it, back into the database."""
    for row in dumps.meant(WAITING_RAW, lines):
        connection.execute(FILL, {"of_source": row["source"], "number": row["update_id"], "came": row["raw"]})
