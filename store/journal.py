"""The journal: what happened and what was decided, in ids and words; nothing in it is ever changed."""

from uuid import UUID

from sqlalchemy import bindparam, insert, select

from .database import Tx
from .records import JournalEntry, Words
from .tables.journal import JOURNAL

WRITE = insert(JOURNAL).inline()  # nobody asks for the number
ENTRIES = select(*(JOURNAL.c[name] for name in JournalEntry.__dataclass_fields__))
OF_INCIDENT = ENTRIES.where(JOURNAL.c.incident == bindparam("about")).order_by(JOURNAL.c.id)
NEWEST = ENTRIES.order_by(JOURNAL.c.id.desc()).limit(bindparam("most"))


def write(
    tx: Tx,
    event: str,
    *,
    incident: UUID | None = None,
    defender: UUID | None = None,
    actor: UUID | None = None,
    **detail: Words,
) -> None:
    """Write one entry. `detail` holds ids and words, never a name, a place or a text of anybody's."""
    row = {"at": tx.now, "incident": incident, "defender": defender, "actor": actor, "event": event, "detail": detail}
    tx.connection.execute(WRITE, row)


def of_incident(tx: Tx, incident: UUID) -> list[JournalEntry]:
    """What is written of an incident, in the order of writing."""
    return [JournalEntry(*row) for row in tx.connection.execute(OF_INCIDENT, {"about": incident})]


def newest(tx: Tx, limit: int) -> list[JournalEntry]:
    """The last entries, the last first."""
    return [JournalEntry(*row) for row in tx.connection.execute(NEWEST, {"most": limit})]
