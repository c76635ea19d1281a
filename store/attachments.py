"""Attachments: what a defender sent along, loose until an incident takes it up."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from .database import Tx
from .records import AttachmentRow
from .tables.calling import ATTACHMENT

NEW = insert(ATTACHMENT)
ROWS = select(*(ATTACHMENT.c[name] for name in AttachmentRow.__dataclass_fields__))
IN_ORDER = (ATTACHMENT.c.at, ATTACHMENT.c.id)


def add(tx: Tx, row: AttachmentRow) -> None:
    """Keep one thing."""
    tx.connection.execute(NEW, {name: getattr(row, name) for name in AttachmentRow.__dataclass_fields__})


def recent_loose(tx: Tx, defender: UUID, since: datetime) -> list[AttachmentRow]:
    """What this defender sent from `since` on and no incident has taken up, in order."""
    kept = ATTACHMENT.c
    loose = ROWS.where(kept.defender == defender, kept.incident.is_(None), kept.at >= since)
    return [AttachmentRow(*row) for row in tx.connection.execute(loose.order_by(*IN_ORDER))]


def adopt(tx: Tx, defender: UUID, incident: UUID, since: datetime) -> list[AttachmentRow]:
    """Have the incident take up what is loose; gives that, in order."""
    kept = ATTACHMENT.c
    loose = (kept.defender == defender, kept.incident.is_(None), kept.at >= since)
    take = update(ATTACHMENT).where(*loose).values(incident=incident).returning(kept.id)
    taken = list(tx.connection.execute(take).scalars())
    found = tx.connection.execute(ROWS.where(kept.id.in_(taken)).order_by(*IN_ORDER))
    return [AttachmentRow(*row) for row in found]


def of_incident(tx: Tx, incident: UUID) -> list[AttachmentRow]:
    """What belongs to an incident, in order."""
    found = tx.connection.execute(ROWS.where(ATTACHMENT.c.incident == incident).order_by(*IN_ORDER))
    return [AttachmentRow(*row) for row in found]


def one(tx: Tx, attachment: UUID) -> AttachmentRow | None:
    """One thing, None when there is none of this id."""
    row = tx.connection.execute(ROWS.where(ATTACHMENT.c.id == attachment)).first()
    return AttachmentRow(*row) if row else None


def last_place(tx: Tx, incident: UUID) -> AttachmentRow | None:
    """Where the defender last said they were, None when they have not."""
    places = ROWS.where(ATTACHMENT.c.incident == incident, ATTACHMENT.c.latitude.is_not(None))
    row = tx.connection.execute(places.order_by(ATTACHMENT.c.at.desc(), ATTACHMENT.c.id).limit(1)).first()
    return AttachmentRow(*row) if row else None
