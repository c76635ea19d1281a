"""Erasing a person for good: it is written down that it begins, their data key is deleted, then their rows, and a
certificate says that it was done.

Whatever copies there are of what was sealed under the key, here or in a backup, open no more. A backup of the data keys
still holds it, wrapped; such backups are kept for a week, and so is the key-encryption key of before: after that it is
complete.

On SQLite the key is gone before the rows are. Whoever is interrupted between the two begins again, or opens the
database: it goes on where the journal says that it was begun, and nowhere else. Other rows whose key is missing may
open again, when a backup of the keys is put back.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select

from . import chat_messages, journal, people
from .database import Tx
from .records import JournalEntry, Words
from .tables.people import PERSON, SIDES
from .vault import HOUSE

KEYS_BACKUP_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is known of an erasure, and stands in the journal: `key` is the SHA-256 of the data key as it was kept, None
    where it was gone before anybody asked.

    `in_chat` messages stand in their chat, which from now on nobody but they can delete."""

    subject: UUID
    key: str | None
    erased_at: datetime
    complete_on: date
    in_chat: int = 0


def begin(tx: Tx, side: str, person: UUID) -> None:
    """Write down that somebody is to be erased, in a transaction of its own, before `carry_out`."""
    wrapped = tx.vault.data_keys.find(tx.connection, person)
    if wrapped is not None:
        _write(tx, "erase_begun", side, person, key=sha256(wrapped).hexdigest())


def carry_out(tx: Tx, side: str, person: UUID) -> Certificate | None:
    """Erase somebody, or what is left of them, and write the certificate; None when there is nobody of this id."""
    if people.state_of(tx, side, person) is None:
        return None
    begun = _written(tx, person, "erase_begun")
    in_chat = chat_messages.standing(tx, person)
    digest = people.erase_person(tx, side, person)
    key = digest.hex() if digest is not None else str(begun.detail["key"]) if begun is not None else None
    certificate = Certificate(person, key, tx.now, (tx.now + KEYS_BACKUP_KEPT).date() + timedelta(days=1), in_chat)
    _write(tx, "erased", side, person, key=key, complete_on=certificate.complete_on.isoformat())
    return certificate


def certificate_of(tx: Tx, person: UUID) -> Certificate | None:
    """The certificate of somebody who was erased; None when nobody of this id was."""
    entry = _written(tx, person, "erased")
    if entry is None:
        return None
    key, complete_on = entry.detail["key"], date.fromisoformat(str(entry.detail["complete_on"]))
    return Certificate(person, None if key is None else str(key), entry.at, complete_on)


def without_key(tx: Tx, side: str) -> list[UUID]:
    """Of whom there are rows and no data key, in the order in which they were added: nobody can read who they are."""
    everybody = select(PERSON.c.id).where(PERSON.c.side == side).order_by(PERSON.c.number)
    known = tx.vault.data_keys.whose(tx.connection)
    return [person for person in tx.connection.execute(everybody).scalars() if person not in known]


def go_on(tx: Tx) -> int:
    """Delete what is left of those whose erasing was begun and who have no key any more; gives how many there were.

    Where the key of the instance is missing too, the keys were lost: that says nothing about anybody."""
    if tx.vault.data_keys.find(tx.connection, HOUSE) is None:
        return 0
    begun = [
        (side, person)
        for side in SIDES
        for person in without_key(tx, side)
        if _written(tx, person, "erase_begun") is not None
    ]
    for side, person in begun:
        carry_out(tx, side, person)
    return len(begun)


def _write(tx: Tx, event: str, side: str, person: UUID, **detail: Words) -> None:
    defender, actor = (person, None) if side == "defender" else (None, person)
    journal.write(tx, event, defender=defender, actor=actor, incident=None, **detail)


def _written(tx: Tx, person: UUID, event: str) -> JournalEntry | None:
    """The newest entry of this event about somebody."""
    return next((entry for entry in journal.in_the_clear(tx, person) if entry.event == event), None)
