"""How each bot is heard, told by whoever polls for it to all other workers."""

from datetime import datetime, timedelta

from sqlalchemy import DateTime, cast, func, select

from .database import Tx
from .tables.workers import LISTENING
from .upsert import insert_or_change

NOTE = insert_or_change(LISTENING, "source")
PRESENT = cast(func.clock_timestamp(), DateTime(timezone=True))
HEARD = select(LISTENING.c.source, LISTENING.c.answered_at, LISTENING.c.behind, PRESENT.label("present"))


def note(tx: Tx, source: str, ago: timedelta, *, behind: bool) -> None:
    """The messenger of `source` has answered so long `ago`; `behind` when it has more to give than it gave."""
    answered_at = _present(tx) - ago
    tx.connection.execute(NOTE, {"source": source, "answered_at": answered_at, "behind": behind})


def heard(tx: Tx) -> dict[str, tuple[timedelta, bool]]:
    """Of each bot, how long ago its messenger has answered somebody, and whether more waits there."""
    found = tx.connection.execute(HEARD)
    return {row.source: (row.present - row.answered_at, bool(row.behind)) for row in found}


def _present(tx: Tx) -> datetime:
    present: datetime = tx.connection.execute(select(PRESENT)).scalar_one()
    return present
