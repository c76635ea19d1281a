"""The database: opening it, and running one transaction after the other on its own thread."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeVar

import sqlalchemy

T = TypeVar("T")


class StoreRefused(Exception):
    """The database cannot be used; the message is one sentence that says what to do."""


class SchemaRefused(StoreRefused):
    """The database holds a schema that we do not know. Nothing in it was changed."""


@dataclass(slots=True)
class Tx:
    """One transaction. `now` is its instant; `locking` is False where it may only read."""

    connection: sqlalchemy.Connection
    now: datetime
    locking: bool = True

    def savepoint(self) -> AbstractContextManager[object]:
        """A part that can fail alone: what it wrote is undone when the block raises."""
        raise NotImplementedError


class Store:
    """An open database."""

    @classmethod
    async def open(cls, url: str, now: Callable[[], datetime]) -> Self:
        """Open `url`, creating or migrating the schema. Raises StoreRefused with a sentence."""
        raise NotImplementedError

    async def run(self, work: Callable[[Tx], T]) -> T:
        """Do `work` in one transaction: all of it is committed, or an exception propagates and nothing was done."""
        raise NotImplementedError

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Do `work`, which may only read, without waiting behind those who write."""
        raise NotImplementedError

    async def forget_deleted(self) -> None:
        """Overwrite what was deleted where copies of it may linger."""
        raise NotImplementedError

    async def close(self) -> None:
        """End what runs and let go of the database."""
        raise NotImplementedError
