"""Spoken checks: whoever followed an invitation counts for nobody until they were recognised by their voice.

Both sides have the same four words, made from the invitation and the chat that used it, and read them to each other. An
invitation that somebody else has caught shows other words.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update

from .database import Tx
from .discreet import Discreet
from .tables.presses import SPOKEN_CHECK
from .upsert import insert_or_change

WORDS = 4  # each one of 256
BEGIN = insert_or_change(SPOKEN_CHECK, "person")
OF_PERSON = select(SPOKEN_CHECK).where(SPOKEN_CHECK.c.person == bindparam("whose"))
WAITING = select(SPOKEN_CHECK).where(SPOKEN_CHECK.c.confirmed_at.is_(None)).order_by(SPOKEN_CHECK.c.begun_at)
CONFIRM = (
    update(SPOKEN_CHECK)
    .where(SPOKEN_CHECK.c.person == bindparam("whose"), SPOKEN_CHECK.c.confirmed_at.is_(None))
    .values(confirmed_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True, repr=False)
class SpokenCheck(Discreet):
    """One check. `numbers` name the words, each from 0 to 255."""

    person: UUID
    side: str
    numbers: tuple[int, ...] = field(repr=False)
    begun_at: datetime
    confirmed_at: datetime | None


def begin(tx: Tx, side: str, person: UUID, invitation: str, chat: str) -> None:
    """The person's invitation, of which this is kept, was used from `chat`; an earlier check of theirs is over."""
    numbers = tx.vault.mac("spoken check", invitation.encode(), chat.encode())[:WORDS].hex()
    row = {"person": person, "side": side, "numbers": numbers, "begun_at": tx.now, "confirmed_at": None}
    tx.connection.execute(BEGIN, row)


def of_person(tx: Tx, person: UUID) -> SpokenCheck | None:
    """The person's check, waiting or passed; None when they followed no invitation."""
    row = tx.connection.execute(OF_PERSON, {"whose": person}).mappings().first()
    return SpokenCheck(**{**row, "numbers": tuple(bytes.fromhex(row["numbers"]))}) if row else None


def unconfirmed(tx: Tx, person: UUID) -> SpokenCheck | None:
    """The check that this person waits for; None when they wait for none."""
    check = of_person(tx, person)
    return check if check is not None and check.confirmed_at is None else None


def waiting(tx: Tx) -> list[SpokenCheck]:
    """Every check that nobody has confirmed, the oldest first."""
    rows = tx.connection.execute(WAITING).mappings()
    return [SpokenCheck(**{**row, "numbers": tuple(bytes.fromhex(row["numbers"]))}) for row in rows]


def confirm(tx: Tx, person: UUID) -> bool:
    """The words were the same; False when no check of theirs waits."""
    return tx.connection.execute(CONFIRM, {"whose": person, "at": tx.now}).rowcount > 0


def withdraw(tx: Tx, person: UUID) -> None:
    """Forget the person's check."""
    tx.connection.execute(delete(SPOKEN_CHECK).where(SPOKEN_CHECK.c.person == person))
