"""When the service last kept time and could hear, so that an absence of ours can be told from silence."""

from datetime import datetime

from sqlalchemy import select

from .database import Tx
from .tables.watching import ALIVE
from .upsert import insert_or_change

MARK = insert_or_change(ALIVE, "id")
LAST = select(ALIVE.c.at)
HELD = LAST.with_for_update()


def mark(tx: Tx, now: datetime) -> None:
    """The service keeps time, and hears, at `now`."""
    tx.connection.execute(MARK, {"id": 1, "at": now})


def last(tx: Tx) -> datetime | None:
    """When it last did; None when it never has."""
    instant: datetime | None = tx.connection.execute(LAST).scalar()
    return instant


def hold(tx: Tx) -> datetime | None:
    """When it last did; nobody else marks it before this transaction ends."""
    instant: datetime | None = tx.connection.execute(HELD).scalar()
    return instant
