"""Who wants one neutral sign in their chat when somebody has taken an incident of theirs."""

from datetime import datetime

from sqlalchemy import delete, select

from escalation.people import DefenderId

from .database import Tx
from .tables.chats import CHAT_TICK
from .upsert import insert_new


def choose(tx: Tx, defender: DefenderId, *, on: bool) -> None:
    """Want it from now on, or not any more; who wants it already has wanted it since then."""
    if on:
        tx.connection.execute(insert_new(CHAT_TICK), {"defender": defender, "since": tx.now})
    else:
        tx.connection.execute(delete(CHAT_TICK).where(CHAT_TICK.c.defender == defender))


def wanted_since(tx: Tx, defender: DefenderId) -> datetime | None:
    """Since when this person wants it; None when they do not."""
    since: datetime | None = tx.connection.execute(
        select(CHAT_TICK.c.since).where(CHAT_TICK.c.defender == defender)
    ).scalar()
    return since
