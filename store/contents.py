"""What a delivery says: its template, its words and the message that it is about, sealed as one.

What is about an incident is sealed under its defender's key, so that it goes with them wherever copies of it are;
anything else under its reader's. A delivery is bound to its `cell`, a random id that the row has for nothing else.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func

from .database import Tx
from .discreet import Discreet
from .records import Words
from .sealing import Cell, Erased, SealBroken, opened, seal
from .tables.calling import INCIDENT
from .tables.messages import DELIVERY

SUBJECT: ColumnElement[UUID] = func.coalesce(INCIDENT.c.defender, DELIVERY.c.person)
OF_INCIDENT = INCIDENT.c.id == DELIVERY.c.incident  # to be joined with, outside, wherever SUBJECT is asked for


@dataclass(frozen=True, slots=True, repr=False)
class Content(Discreet):
    """What is said, to be opened with its cell. `template` is "" when its seal is broken: then it cannot be said."""

    template: str
    words: dict[str, Words]
    message_id: str | None


BROKEN = Content("", {}, None)


def seal_content(tx: Tx, subject: UUID, cell: UUID, content: Content) -> bytes:
    """What is said, as it is kept."""
    written: dict[str, Words] = {"template": content.template, "words": content.words, "message": content.message_id}
    return seal(tx, subject, Cell("delivery", "content", cell), written)


def open_content(tx: Tx, subject: UUID, cell: UUID, sealed: bytes) -> Content:
    """What is said; BROKEN where its seal is. Raises Locked."""
    try:
        read = opened(tx, subject, Cell("delivery", "content", cell), sealed)
    except (SealBroken, Erased):
        return BROKEN
    match read:
        case {"template": str(template), "words": dict(words), "message": str() | None as message}:
            return Content(template, words, message)
        case _:
            return BROKEN


def seal_shown(tx: Tx, subject: UUID, cell: UUID, message_id: str) -> bytes:
    """The messenger's own id of a call that it took, as it is kept."""
    return seal(tx, subject, Cell("delivery", "shown_as", cell), message_id)


def open_shown(tx: Tx, subject: UUID, cell: UUID, sealed: bytes) -> str | None:
    """The messenger's own id of a call; None where its seal is broken. Raises Locked."""
    try:
        return str(opened(tx, subject, Cell("delivery", "shown_as", cell), sealed))
    except (SealBroken, Erased):
        return None


def blind_message(tx: Tx, address_id: int, message_id: str | None) -> str | None:
    """What stands for a message of a chat where it must be found again."""
    return None if message_id is None else tx.vault.blind(f"message:{address_id}", message_id)
