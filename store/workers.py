"""Workers: every run of the service on this database, and which of them are lost.

What a worker has in hand (a delivery that it sends, an update that it reads) carries its id. A worker says that it is
alive every other second, by the clock of the database where there may be several machines, so that their own clocks do
not matter. One that has not said so for `LOST_AFTER` is lost: what it has in hand belongs to nobody, and whoever
notices goes on with it. It may come back all the same: then it finds in each row whether that is still its own. What
is in the hand of somebody whom nobody knows is nobody's either: who is stopped ends while a last step still runs.

On PostgreSQL a worker also holds a lock for as long as its connection lives (`guard`): of one that was killed it is
known at once. On SQLite there is one worker, and at its start all others are lost.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Table,
    and_,
    bindparam,
    cast,
    column,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    table,
    update,
)

from .database import Tx
from .postgres import GUARDS
from .tables.messages import DELIVERY, INBOX
from .tables.workers import WORKER
from .upsert import insert_or_change

WorkerId = NewType("WorkerId", UUID)

SEEN_EVERY = 2.0  # real seconds
LOST_AFTER = timedelta(seconds=8)  # four signs of life that did not come
FORGOTTEN_AFTER = timedelta(minutes=10)  # what it had in hand was given back long before
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

BEGIN = insert_or_change(WORKER, "id")
SEEN = update(WORKER).where(WORKER.c.id == bindparam("who"))
LAPSED = select(WORKER.c.id).where(WORKER.c.id != bindparam("who"))
OTHERS = select(func.count()).select_from(WORKER).where(WORKER.c.id != bindparam("who"))
HELD = table("pg_locks", *(column(name) for name in ("locktype", "database", "classid", "objid", "granted")))
HERE = table("pg_database", column("oid"), column("datname"))
NO_WORKER = WorkerId(UUID(int=0))  # for want of others: an empty list would be a scan of nothing
UNGUARDED = and_(
    WORKER.c.guard.is_not(None),
    ~exists().where(
        HELD.c.locktype == "advisory",
        HELD.c.database == select(HERE.c.oid).where(HERE.c.datname == func.current_database()).scalar_subquery(),
        HELD.c.classid == GUARDS,
        HELD.c.objid == WORKER.c.guard,
        HELD.c.granted,
    ),
)


def is_of_gone(own: Table) -> ColumnElement[bool]:
    """Of a table whose rows are in the hand of a `worker`: those of `gone`, and of anybody but `us` whom nobody knows.
    Who was stopped in the middle of a step may have taken something as the last thing, when it had already ended."""
    unknown = and_(own.c.worker != bindparam("us"), own.c.worker.not_in(select(WORKER.c.id)))
    return and_(own.c.worker.is_not(None), or_(own.c.worker.in_(bindparam("gone", expanding=True)), unknown))


IN_HAND = [select(own.c.id).where(is_of_gone(own)).limit(1) for own in (DELIVERY, INBOX)]


def begin(tx: Tx, guard: int | None = None) -> WorkerId:
    """Whoever this store belongs to works from now on, and holds the lock numbered `guard`; gives its id.

    On SQLite everybody else is lost by that."""
    if not _is_shared(tx):
        tx.connection.execute(update(WORKER).where(WORKER.c.id != tx.worker).values(seen_at=LONG_AGO))
    row = {"id": tx.worker, "guard": guard, "began_at": tx.now, "seen_at": tx.now}
    tx.connection.execute(BEGIN, row)
    seen(tx)
    return WorkerId(tx.worker)


def seen(tx: Tx) -> bool:
    """This worker is alive; False when it was lost for so long that it is forgotten, and has to begin again."""
    return tx.connection.execute(SEEN.values(seen_at=_instant(tx)), {"who": tx.worker}).rowcount > 0


def lost(tx: Tx) -> list[WorkerId]:
    """Those who have begun and not ended, and are not alive any more."""
    if not _is_shared(tx):
        rule: ColumnElement[bool] = WORKER.c.seen_at == LONG_AGO
    else:
        rule = or_(WORKER.c.seen_at < _instant(tx) - LOST_AFTER, UNGUARDED)
    return [WorkerId(one) for (one,) in tx.connection.execute(LAPSED.where(rule), {"who": tx.worker})]


def alive(tx: Tx) -> int:
    """How many work on this database, we ourselves among them."""
    begun: int = tx.connection.execute(OTHERS, {"who": tx.worker}).scalar_one()
    return 1 + begun - len(lost(tx))


def have_in_hand(tx: Tx, gone: Collection[WorkerId]) -> bool:
    """Whether anything is in the hand of one of these, or of whom nobody knows: a letter on its way, or an update that
    is being read."""
    looked_for = {"gone": list(gone) or [NO_WORKER], "us": tx.worker}
    return any(tx.connection.execute(look, looked_for).first() is not None for look in IN_HAND)


def end(tx: Tx) -> None:
    """This worker has nothing in hand any more, and works no longer."""
    tx.connection.execute(delete(WORKER).where(WORKER.c.id == tx.worker))


def forget(tx: Tx) -> None:
    """Forget those who were lost long ago."""
    before = _instant(tx) - FORGOTTEN_AFTER if _is_shared(tx) else literal(LONG_AGO + LOST_AFTER)
    tx.connection.execute(delete(WORKER).where(WORKER.c.seen_at < before, WORKER.c.id != tx.worker))


def _is_shared(tx: Tx) -> bool:
    return tx.connection.dialect.name == "postgresql"


def _instant(tx: Tx) -> ColumnElement[datetime]:
    """The present: by the database's clock where several machines may ask."""
    return cast(func.clock_timestamp(), DateTime(timezone=True)) if _is_shared(tx) else literal(tx.now)
