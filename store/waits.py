"""Waits of what is to leave or is on its way: instants that were counted from a moment, and not agreed by the clock.

When the clock was put back they are all further off than they were meant to be, by as much as it was put back.
"""

from datetime import timedelta

from sqlalchemy import bindparam, select, update

from .database import Tx
from .tables.messages import DELIVERY

WAITS = (("pending", DELIVERY.c.not_before), ("sending", DELIVERY.c.lease_until))


def bring_forward(tx: Tx, by: timedelta) -> int:
    """Have everything that is put off, and every lease, wait for less by this; gives how many there were."""
    moved = 0
    for state, until in WAITS:
        found = select(DELIVERY.c.id, until.label("until")).where(DELIVERY.c.state == state, until > tx.now)
        rows = [{"number": row.id, "to": row.until - by} for row in tx.connection.execute(found)]
        if rows:
            waits = update(DELIVERY).where(DELIVERY.c.id == bindparam("number")).values({until.name: bindparam("to")})
            tx.connection.execute(waits, rows)
        moved += len(rows)
    return moved
