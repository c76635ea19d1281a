"""Watches: their state as the heart made it, with what is due as a column.

Who reads in order to write holds the row until the end of the transaction. Who looks for what is due passes over the
rows that somebody else holds, and holds those that it finds: several processes divide what is due among them, and what
one of them lets go of is found by the next who looks.
"""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, literal, or_, select

from escalation.people import DefenderId, WatchId
from escalation.watch import Phase, Watch, wakes_at

from . import states
from .database import Tx
from .tables.watching import WATCH
from .upsert import insert_or_change

CLAIMED, THEIRS = "watch that is due", "watches of"  # what a transaction knows of them

STATES = select(WATCH.c.id, WATCH.c.defender, WATCH.c.body)
ONE = STATES.where(WATCH.c.id == bindparam("number"))
OF_DEFENDER = STATES.where(WATCH.c.defender == bindparam("whose")).order_by(WATCH.c.id)
HOLD_ONE, HOLD_OF_DEFENDER = ONE.with_for_update(), OF_DEFENDER.with_for_update()
PUT = insert_or_change(WATCH, "id")
DUE = STATES.where(WATCH.c.wakes_at <= bindparam("at")).order_by(WATCH.c.wakes_at, WATCH.c.id).limit(bindparam("most"))
CLAIM = DUE.with_for_update(skip_locked=True)
NEXT_WAKE = select(func.min(WATCH.c.wakes_at)).where(WATCH.c.wakes_at.is_not(None))  # as the index says
WANTS_SOMETHING = and_(WATCH.c.wakes_at <= bindparam("at"), WATCH.c.phase != literal("paused"))  # what is owed, too
OVERDUE = (
    select(WATCH.c.id)
    .where(or_(WATCH.c.due_at <= bindparam("at"), WANTS_SOMETHING))
    .order_by(WATCH.c.due_at, WATCH.c.id)
)


def load(tx: Tx, watch: UUID) -> Watch | None:
    """One watch, None when there is none of this id. Raises StateUnreadable."""
    if tx.locking:
        return tx.known.once("watch", watch, partial(_held, tx, watch))
    row = tx.connection.execute(ONE, {"number": watch}).first()
    return None if row is None else states.WATCH.open(tx, row)


def _held(tx: Tx, watch: UUID) -> Watch | None:
    row = tx.known.of(CLAIMED, watch) or tx.connection.execute(HOLD_ONE, {"number": watch}).first()
    return None if row is None else states.WATCH.open(tx, row)


def of_defender(tx: Tx, defender: UUID) -> tuple[Watch, ...]:
    """Every watch of this defender that can be read."""
    if tx.locking:
        return tx.known.once(THEIRS, defender, partial(_of_defender, tx, HOLD_OF_DEFENDER, defender))
    return _of_defender(tx, OF_DEFENDER, defender)


def _of_defender(tx: Tx, chosen: Select[UUID, UUID, bytes], defender: UUID) -> tuple[Watch, ...]:
    return tuple(states.WATCH.readable(tx, tx.connection.execute(chosen, {"whose": defender})))


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
    tx.known.put("watch", watch.id, watch)
    theirs: tuple[Watch, ...] = tx.known.of(THEIRS, watch.defender) or ()
    if any(one.id == watch.id for one in theirs):
        tx.known.put(THEIRS, watch.defender, tuple(watch if one.id == watch.id else one for one in theirs))
    else:
        tx.known.forget(THEIRS, watch.defender)


def due(tx: Tx, now: datetime, limit: int) -> list[WatchId]:
    """Which watches want to be asked at `now` and are held by nobody else, the longest overdue first."""
    found = tx.connection.execute(CLAIM if tx.locking else DUE, {"at": now, "most": limit}).all()
    for row in found if tx.locking else ():
        tx.known.put(CLAIMED, row.id, row)
    return [WatchId(row.id) for row in found]


def whose(tx: Tx, found: Collection[WatchId]) -> list[DefenderId]:
    """Whose these are that this transaction has found to be due."""
    return [DefenderId(row.defender) for watch in found if (row := tx.known.of(CLAIMED, watch)) is not None]


def next_wake(tx: Tx, but: Collection[UUID] = ()) -> datetime | None:
    """When the next watch wants to be asked, leaving aside those in `but`; None when all rest."""
    chosen = NEXT_WAKE.where(WATCH.c.id.not_in(but)) if but else NEXT_WAKE
    instant: datetime | None = tx.connection.execute(chosen).scalar()
    return instant


def overdue_alarms(tx: Tx, now: datetime) -> list[WatchId]:
    """Which watches may wait for a check-in that was due by `now`, the longest overdue first."""
    return list(tx.connection.execute(OVERDUE, {"at": now}).scalars())
