"""The runbook's ticks: which line of which incident somebody has done."""

from uuid import UUID

from sqlalchemy import bindparam, select

from .database import Tx
from .tables.calling import TICK
from .upsert import insert_new

NEW = insert_new(TICK).returning(TICK.c.line)
TICKED = select(TICK.c.line).where(TICK.c.incident == bindparam("of")).order_by(TICK.c.at, TICK.c.line)


def tick(tx: Tx, incident: UUID, line: str, by: UUID) -> bool:
    """Note that `by` did this line; False when it was ticked before."""
    row = {"incident": incident, "line": line, "by": by, "at": tx.now}
    return tx.connection.execute(NEW, row).first() is not None


def ticked(tx: Tx, incident: UUID) -> tuple[str, ...]:
    """The lines that are done, in the order of doing."""
    return tuple(tx.connection.execute(TICKED, {"of": incident}).scalars())
