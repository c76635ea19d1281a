"""What one transaction knows and owes: rows that it has read, and rows that it has yet to write.

It lives as long as the transaction. Whoever changes what is known here says so in the same breath, and a part that
fails takes everything known with it: so nothing here is ever older than what the transaction itself has done.
"""

from collections.abc import Callable, Hashable
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert

T = TypeVar("T")


class Known:
    """Of one transaction, and on the one thread on which it runs."""

    __slots__ = ("_owed", "_rows")

    def __init__(self) -> None:
        """Nothing yet."""
        self._rows: dict[str, dict[Hashable, Any]] = {}
        self._owed: list[tuple[Insert, dict[str, object]]] = []

    def once(self, kind: str, key: Hashable, read: Callable[[], T]) -> T:
        """What `read` gave for this key when it was first asked for, or what was put in its place since."""
        rows = self._rows.setdefault(kind, {})
        if key not in rows:
            rows[key] = read()
        known: T = rows[key]
        return known

    def of(self, kind: str, key: Hashable) -> Any:
        """What is known for this key; None where nothing is."""
        return self._rows.get(kind, {}).get(key)

    def put(self, kind: str, key: Hashable, value: object) -> None:
        """This is what is so from now on."""
        self._rows.setdefault(kind, {})[key] = value

    def forget(self, kind: str, *keys: Hashable) -> None:
        """These have changed, or without any all of the kind: they are read anew when they are asked for."""
        rows = self._rows.get(kind, {})
        for key in keys or tuple(rows):
            rows.pop(key, None)

    def forget_all(self) -> None:
        """Read everything anew: for changes that reach far."""
        self._rows.clear()

    def undo(self) -> None:
        """What was done since the last `write` was undone."""
        self.forget_all()
        self._owed.clear()

    def owe(self, statement: Insert, row: dict[str, object]) -> None:
        """Have a row inserted a little later, many at once: before the transaction, or the part that can fail, ends."""
        self._owed.append((statement, row))

    def write(self, connection: Connection) -> None:
        """Write what is owed, in the order in which it came."""
        if not self._owed:
            return
        owed, self._owed = self._owed, []
        for statement, written in groupby(owed, key=itemgetter(0)):
            rows = [row for _, row in written]
            connection.execute(statement, rows if len(rows) > 1 else rows[0])
