"""What was asked with a code: its state as the heart made it, sealed, until it is over.

A row tells whose it is and when it is looked at next, and those are the same whatever the code said.
"""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Select, bindparam, delete, func, select

from escalation.lowering import Lowering, wakes_at
from escalation.people import LoweringId

from .database import Tx
from .sealing import Cell, Erased, SealBroken, opened, seal
from .tables.lowerings import LOWERING
from .upsert import insert_or_change

THEIRS = "lowerings of"  # what a transaction knows of them
BUCKETS = (1024, 4096)  # bytes; the longest, a new code with its hashes, fits into the first
AS_WORDS: TypeAdapter[Lowering] = TypeAdapter(Lowering)
ROW = select(LOWERING.c.id, LOWERING.c.defender, LOWERING.c.body)
ONE = ROW.where(LOWERING.c.id == bindparam("number"))
OF_DEFENDER = ROW.where(LOWERING.c.defender == bindparam("whose")).order_by(LOWERING.c.wakes_at, LOWERING.c.id)
HOLD_ONE, HOLD_OF_DEFENDER = ONE.with_for_update(), OF_DEFENDER.with_for_update()
PUT = insert_or_change(LOWERING, "id")
DUE = (
    ROW.where(LOWERING.c.wakes_at <= bindparam("at"))
    .order_by(LOWERING.c.wakes_at, LOWERING.c.id)
    .limit(bindparam("most"))
)
CLAIM = DUE.with_for_update(skip_locked=True)  # what another process holds is another's
OVER = delete(LOWERING).where(LOWERING.c.id == bindparam("number"))
NEXT_WAKE = select(func.min(LOWERING.c.wakes_at))


def load(tx: Tx, lowering: UUID) -> Lowering | None:
    """One, None when there is none of this id. Raises SealBroken, Erased or Locked."""
    row = tx.connection.execute(HOLD_ONE if tx.locking else ONE, {"number": lowering}).first()
    return None if row is None else _read(tx, *row)


def of_defender(tx: Tx, defender: UUID) -> tuple[Lowering, ...]:
    """All of this defender's that can be read, the first to be looked at first. Raises Locked."""
    if tx.locking:
        return tx.known.once(THEIRS, defender, partial(_of_defender, tx, HOLD_OF_DEFENDER, defender))
    return _of_defender(tx, OF_DEFENDER, defender)


def _of_defender(tx: Tx, chosen: Select[UUID, UUID, bytes], defender: UUID) -> tuple[Lowering, ...]:
    found = tx.connection.execute(chosen, {"whose": defender}).all()
    return tuple(one for row in found if (one := _readable(tx, *row)) is not None)


def save(tx: Tx, lowering: Lowering) -> None:
    """Keep it, a new one too, as it now is; nothing is kept of one that is over."""
    wakes = wakes_at(lowering)
    tx.known.forget(THEIRS, lowering.defender)
    if wakes is None:
        tx.connection.execute(OVER, {"number": lowering.id})
        return
    content = AS_WORDS.dump_python(lowering, mode="json")
    body = seal(tx, lowering.defender, _cell(lowering.id), content, BUCKETS)
    row = {"id": lowering.id, "defender": lowering.defender, "wakes_at": wakes, "body": body}
    tx.connection.execute(PUT, row)


def due(tx: Tx, now: datetime, limit: int) -> list[LoweringId]:
    """Which want to be looked at by `now` and are held by nobody else, the longest overdue first."""
    found = tx.connection.execute(CLAIM if tx.locking else DUE, {"at": now, "most": limit})
    return [LoweringId(row.id) for row in found]


def next_wake(tx: Tx, but: Collection[UUID] = ()) -> datetime | None:
    """When the next one wants to be looked at, leaving aside those in `but`; None when there is none."""
    chosen = NEXT_WAKE.where(LOWERING.c.id.not_in(but)) if but else NEXT_WAKE
    instant: datetime | None = tx.connection.execute(chosen).scalar()
    return instant


def _readable(tx: Tx, lowering: UUID, defender: UUID, body: bytes) -> Lowering | None:
    """One bad row stands in the way of no watch; whoever keeps time reads row by row, and reports it."""
    try:
        return _read(tx, lowering, defender, body)
    except (SealBroken, Erased):
        return None


def _read(tx: Tx, lowering: UUID, defender: UUID, body: bytes) -> Lowering:
    content = opened(tx, defender, _cell(lowering), body)
    try:
        return AS_WORDS.validate_python(content, strict=False)
    except ValidationError:
        raise SealBroken("What was asked with a code was written by another version.") from None


def _cell(lowering: UUID) -> Cell:
    return Cell("lowering", "body", lowering)
