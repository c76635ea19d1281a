"""What a statement gave that went straight to the driver: see `compiled`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy.exc import MultipleResultsFound, NoResultFound


class Rows:
    """What a statement gave: what is read of SQLAlchemy's `CursorResult` here, and nothing else of it."""

    __slots__ = ("_make", "_raw", "rowcount")

    def __init__(self, raw: Sequence[Any], make: Callable[[Any], Any], rowcount: int) -> None:
        """`raw` as the driver gave it; `make` makes a row of it when it is asked for."""
        self._raw, self._make, self.rowcount = raw, make, rowcount

    def __iter__(self) -> Iterator[Any]:
        """The rows, one after the other."""
        return map(self._make, self._raw)

    def all(self) -> list[Any]:
        """The rows."""
        return [self._make(row) for row in self._raw]

    def first(self) -> Any:
        """The first row, None without any."""
        return self._make(self._raw[0]) if self._raw else None

    def one(self) -> Any:
        """The row of which there is exactly one. Raises NoResultFound or MultipleResultsFound."""
        if not self._raw:
            raise NoResultFound("No row was found when one was required")
        if len(self._raw) > 1:
            raise MultipleResultsFound("Multiple rows were found when exactly one was required")
        return self._make(self._raw[0])

    def scalar(self) -> Any:
        """The first value of the first row, None without any."""
        return self._make(self._raw[0])[0] if self._raw else None

    def scalar_one(self) -> Any:
        """The first value of the row of which there is exactly one. Raises as `one`."""
        return self.one()[0]

    def scalars(self) -> "Rows":
        """The first value of each row in its place."""
        make = self._make
        return Rows(self._raw, lambda row: make(row)[0], self.rowcount)

    def mappings(self) -> "Rows":
        """Each row as values by name."""
        make = self._make
        return Rows(self._raw, lambda row: make(row)._asdict(), self.rowcount)
