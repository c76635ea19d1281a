"""The journal: what happened and what was decided, in ids and words; nothing in it is ever changed."""

from uuid import UUID

from .database import Tx
from .records import JournalEntry, Words


def write(
    tx: Tx,
    event: str,
    *,
    incident: UUID | None = None,
    defender: UUID | None = None,
    actor: UUID | None = None,
    **detail: Words,
) -> None:
    """To come."""
    raise NotImplementedError


def of_incident(tx: Tx, incident: UUID) -> list[JournalEntry]:
    """To come."""
    raise NotImplementedError


def newest(tx: Tx, limit: int) -> list[JournalEntry]:
    """To come."""
    raise NotImplementedError
