"""A PostgreSQL database as lines of JSON, and back: every row as the tables say it, sealed as it stands.

The copy is of one instant. It can be read into PostgreSQL, or into a SQLite file to look whether it is good.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Connection, DateTime, Integer, LargeBinary, Select, Table, Uuid, delete, insert, select, text

from .columns import RowNumber

AT_A_TIME = 500  # rows in one INSERT

Said = Mapping[str, Any]
NO_OTHERS: Mapping[str, Select[Any]] = MappingProxyType({})


def write_rows(
    connection: Connection, tables: list[Table], into: IO[str], chosen: Mapping[str, Select[Any]] = NO_OTHERS
) -> int:
    """Write every row of `tables`, or of those that are named in `chosen` what that finds, and how far each counter has
    come; gives how many rows."""
    count = 0
    for table in tables:
        for row in connection.execute(chosen.get(table.name, select(table))).mappings():
            _line(into, {"table": table.name, "row": {name: _said(value) for name, value in row.items()}})
            count += 1
        for column, sequence in _counters(connection, table):
            last = connection.execute(text(f"SELECT last_value FROM {sequence}")).scalar()  # noqa: S608 # nosec B608 - PostgreSQL's own name
            _line(into, {"table": table.name, "counter": column, "last": last})
    return count


def read_rows(connection: Connection, tables: list[Table], lines: Iterator[str]) -> int:
    """Put the rows into tables that hold nothing but what a fresh schema does; gives how many."""
    by_name = {table.name: table for table in tables}
    with _without_triggers(connection, tables):
        for table in reversed(tables):
            connection.execute(delete(table))
        count, waiting, last = 0, list[dict[str, object]](), ""
        for said in map(json.loads, lines):
            if (said["table"] != last or "counter" in said or len(waiting) >= AT_A_TIME) and waiting:
                connection.execute(insert(by_name[last]), waiting)
                waiting = []
            last = said["table"]
            if "counter" in said:
                _count_on(connection, by_name[last], said)
            else:
                waiting.append(_meant(by_name[last], said["row"]))
                count += 1
        if waiting:
            connection.execute(insert(by_name[last]), waiting)
    return count


def meant(table: Table, lines: Iterable[str]) -> Iterator[dict[str, object]]:
    """The rows of one table as they were before they were written."""
    for said in map(json.loads, lines):
        yield _meant(table, said["row"])


def _line(into: IO[str], content: Said) -> None:
    into.write(json.dumps(content, separators=(",", ":")) + "\n")


def _said(value: object) -> object:
    match value:
        case bytes() | memoryview():
            return b64encode(bytes(value)).decode()
        case datetime():
            return value.isoformat()
        case UUID():
            return str(value)
        case _:
            return value


def _meant(table: Table, row: Said) -> dict[str, object]:
    return {name: None if value is None else _reader(table, name)(value) for name, value in row.items()}


def _reader(table: Table, column: str) -> Callable[[Any], object]:
    kind = table.c[column].type
    inner = getattr(kind, "impl_instance", kind)
    match inner:
        case LargeBinary():
            return b64decode
        case Uuid():
            return UUID
        case DateTime():
            return datetime.fromisoformat
        case _:
            return _as_it_is


def _as_it_is(value: object) -> object:
    return value


def _counters(connection: Connection, table: Table) -> Iterator[tuple[str, str]]:
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer | type(RowNumber)):
            words = {"whose": table.name, "which": column.name}
            sequence = connection.execute(text("SELECT pg_get_serial_sequence(:whose, :which)"), words).scalar()
            if sequence:
                yield column.name, str(sequence)


def _count_on(connection: Connection, table: Table, said: Said) -> None:
    """Let a counter go on where it was, so that no number is given twice."""
    if connection.dialect.name == "postgresql":
        words = {"whose": table.name, "which": said["counter"], "last": said["last"]}
        connection.execute(text("SELECT setval(pg_get_serial_sequence(:whose, :which), :last)"), words)


@contextmanager
def _without_triggers(connection: Connection, tables: list[Table]) -> Iterator[None]:
    """What triggers refuse or add is in the rows already, or is not wanted twice."""
    if connection.dialect.name == "postgresql":
        for table in tables:
            connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
        yield
        for table in tables:
            connection.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
        return
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in found:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for _, made_by in found:
        connection.exec_driver_sql(made_by)
