"""Attachments: what a defender sent along, loose until an incident takes it up.

What it is, is sealed under the defender's key. One whose seal is broken is left out: it stands in no alarm's way.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, insert, select, update

from .database import Tx
from .records import AttachmentRow
from .sealing import Cell, Erased, SealBroken, opened, seal
from .tables.calling import ATTACHMENT

BUCKETS = (1024, 4096, 16_384, 65_536)  # bytes; a text of a messenger fits into the first or the second
PLAIN = ("id", "defender", "incident", "at")
SEALED = tuple(name for name in AttachmentRow.__dataclass_fields__ if name not in PLAIN)
NEW = insert(ATTACHMENT)
ROWS = select(*(ATTACHMENT.c[name] for name in PLAIN), ATTACHMENT.c.content)
IN_ORDER = (ATTACHMENT.c.at, ATTACHMENT.c.id)
ADOPT = (
    update(ATTACHMENT)
    .where(
        ATTACHMENT.c.defender == bindparam("whose"),
        ATTACHMENT.c.incident.is_(None),
        ATTACHMENT.c.at >= bindparam("since"),
    )
    .values(incident=bindparam("into"))
)
OF_INCIDENT = ROWS.where(ATTACHMENT.c.incident == bindparam("about"))
NEWEST = OF_INCIDENT.order_by(*(column.desc() for column in IN_ORDER)).limit(bindparam("most"))
LAST_PLACE = OF_INCIDENT.where(ATTACHMENT.c.tells_place).order_by(ATTACHMENT.c.at.desc(), ATTACHMENT.c.id)


def add(tx: Tx, row: AttachmentRow) -> None:
    """Keep one thing."""
    content = seal(tx, row.defender, _cell(row.id), {name: getattr(row, name) for name in SEALED}, BUCKETS)
    values = {name: getattr(row, name) for name in PLAIN}
    tx.connection.execute(NEW, {**values, "tells_place": row.latitude is not None, "content": content})


def recent_loose(tx: Tx, defender: UUID, since: datetime) -> list[AttachmentRow]:
    """What this defender sent from `since` on and no incident has taken up, in order."""
    kept = ATTACHMENT.c
    loose = ROWS.where(kept.defender == defender, kept.incident.is_(None), kept.at >= since)
    return list(_opened(tx, tx.connection.execute(loose.order_by(*IN_ORDER))))


def adopt(tx: Tx, defender: UUID, incident: UUID, since: datetime, most: int = 100) -> list[AttachmentRow]:
    """Have the incident take up what is loose; gives the newest of it, in order."""
    words = {"whose": defender, "since": since, "into": incident}
    taken = tx.connection.execute(ADOPT, words).rowcount
    return newest_of(tx, incident, min(most, taken)) if taken else []


def of_incident(tx: Tx, incident: UUID) -> list[AttachmentRow]:
    """What belongs to an incident, in order."""
    found = tx.connection.execute(OF_INCIDENT.order_by(*IN_ORDER), {"about": incident})
    return list(_opened(tx, found))


def newest_of(tx: Tx, incident: UUID, most: int) -> list[AttachmentRow]:
    """The newest of what belongs to an incident, in order; the rest is left closed."""
    return list(_opened(tx, tx.connection.execute(NEWEST, {"about": incident, "most": most})))[::-1]


def count(tx: Tx, incident: UUID) -> int:
    """How many things belong to an incident."""
    return int(tx.connection.execute(select(func.count()).where(ATTACHMENT.c.incident == incident)).scalar_one())


def one(tx: Tx, attachment: UUID) -> AttachmentRow | None:
    """One thing, None when there is none of this id."""
    return next(_opened(tx, tx.connection.execute(ROWS.where(ATTACHMENT.c.id == attachment))), None)


def last_place(tx: Tx, incident: UUID) -> AttachmentRow | None:
    """Where the defender last said they were, None when they have not."""
    return next(_opened(tx, tx.connection.execute(LAST_PLACE, {"about": incident})), None)


def _opened(tx: Tx, rows: Iterable[Row[*tuple[Any, ...]]]) -> Iterator[AttachmentRow]:
    """The rows that can be opened, as they come. Raises Locked."""
    for row in rows:
        plain = row._asdict()
        try:
            content = opened(tx, row.defender, _cell(row.id), plain.pop("content"))
        except (SealBroken, Erased):
            continue
        if isinstance(content, dict):
            yield AttachmentRow(**{**plain, **content})


def _cell(attachment: UUID) -> Cell:
    return Cell("attachment", "content", attachment)
