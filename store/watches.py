"""Watches: their state as the heart made it, with what is due as a column.

Who reads in order to write holds the row until the end of the transaction.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, func, literal, or_, select

from escalation.people import WatchId
from escalation.watch import Phase, Watch, wakes_at

from . import states
from .database import Tx
from .tables.watching import WATCH
from .upsert import insert_or_change

STATES = select(WATCH.c.id, WATCH.c.defender, WATCH.c.body)
ONE = STATES.where(WATCH.c.id == bindparam("number"))
OF_DEFENDER = STATES.where(WATCH.c.defender == bindparam("whose")).order_by(WATCH.c.id)
HOLD_ONE, HOLD_OF_DEFENDER = ONE.with_for_update(), OF_DEFENDER.with_for_update()
PUT = insert_or_change(WATCH, "id")
DUE = (
    select(WATCH.c.id)
    .where(WATCH.c.wakes_at <= bindparam("at"))
    .order_by(WATCH.c.wakes_at, WATCH.c.id)
    .limit(bindparam("most"))
)
NEXT_WAKE = select(func.min(WATCH.c.wakes_at)).where(WATCH.c.wakes_at.is_not(None))  # as the index says
WANTS_SOMETHING = and_(WATCH.c.wakes_at <= bindparam("at"), WATCH.c.phase != literal("paused"))  # what is owed, too
OVERDUE = (
    select(WATCH.c.id)
    .where(or_(WATCH.c.due_at <= bindparam("at"), WANTS_SOMETHING))
    .order_by(WATCH.c.due_at, WATCH.c.id)
)


def load(tx: Tx, watch: UUID) -> Watch | None:
    """One watch, None when there is none of this id. Raises StateUnreadable."""
    row = tx.connection.execute(HOLD_ONE if tx.locking else ONE, {"number": watch}).first()
    return None if row is None else states.WATCH.open(tx, row)


def of_defender(tx: Tx, defender: UUID) -> tuple[Watch, ...]:
    """Every watch of this defender that can be read."""
    found = tx.connection.execute(HOLD_OF_DEFENDER if tx.locking else OF_DEFENDER, {"whose": defender})
    return tuple(states.WATCH.readable(tx, found))


def save(tx: Tx, watch: Watch) -> None:
    """Keep the watch, a new one too, as it now is. The columns are what it shows; where that rests, what it owes."""
    standing = watch.owed if watch.phase is Phase.RESTING and watch.owed is not None else watch
    row = {
        "id": watch.id,
        "defender": watch.defender,
        "phase": standing.phase.value,
        "due_at": standing.due_at,
        "wakes_at": wakes_at(watch),
        "body": states.WATCH.seal(tx, watch),
    }
    tx.connection.execute(PUT, row)


def due(tx: Tx, now: datetime, limit: int) -> list[WatchId]:
    """Which watches want to be asked at `now`, the longest overdue first."""
    return list(tx.connection.execute(DUE, {"at": now, "most": limit}).scalars())


def next_wake(tx: Tx, but: Collection[UUID] = ()) -> datetime | None:
    """When the next watch wants to be asked, leaving aside those in `but`; None when all rest."""
    chosen = NEXT_WAKE.where(WATCH.c.id.not_in(but)) if but else NEXT_WAKE
    instant: datetime | None = tx.connection.execute(chosen).scalar()
    return instant


def overdue_alarms(tx: Tx, now: datetime) -> list[WatchId]:
    """Which watches may wait for a check-in that was due by `now`, the longest overdue first."""
    return list(tx.connection.execute(OVERDUE, {"at": now}).scalars())
