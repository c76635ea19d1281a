"""Attachments: what a defender sent along, loose until an incident takes it up."""

from datetime import datetime
from uuid import UUID

from .database import Tx
from .records import AttachmentRow


def add(tx: Tx, row: AttachmentRow) -> None:
    """To come."""
    raise NotImplementedError


def recent_loose(tx: Tx, defender: UUID, since: datetime) -> list[AttachmentRow]:
    """To come."""
    raise NotImplementedError


def adopt(tx: Tx, defender: UUID, incident: UUID, since: datetime) -> list[AttachmentRow]:
    """To come."""
    raise NotImplementedError


def of_incident(tx: Tx, incident: UUID) -> list[AttachmentRow]:
    """To come."""
    raise NotImplementedError


def one(tx: Tx, attachment: UUID) -> AttachmentRow | None:
    """To come."""
    raise NotImplementedError


def last_place(tx: Tx, incident: UUID) -> AttachmentRow | None:
    """To come."""
    raise NotImplementedError
