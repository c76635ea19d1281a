"""Erasing a person for good: their data key first, then their rows, and a certificate that it was done.

Whatever copies there are of what was sealed under the key, here or in a backup, open no more. A backup of the data keys
still holds it, wrapped; such backups are kept for a week, and so is the key-encryption key of before: after that it is
complete.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from .refusing import Refused

if TYPE_CHECKING:
    from store.database import Tx

KEYS_BACKUP_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is known of an erasure, and stands in the journal: `key` is the SHA-256 of the data key as it was kept.

    `in_chat` messages stand in their chat, which from now on nobody but they can delete."""

    subject: UUID
    key: str
    erased_at: datetime
    complete_on: date
    in_chat: int = 0


def erase_for_good(tx: "Tx", defender: UUID) -> Certificate:
    """Erase a defender and write the certificate. Raises Refused when there is nobody, or no key, to erase."""
    from store import chat_messages, journal, people

    in_chat = chat_messages.standing(tx, defender)
    digest = people.erase_defender(tx, defender)
    if digest is None:
        raise Refused("Their data key is gone already: nothing of theirs can be read.")
    complete_on = (tx.now + KEYS_BACKUP_KEPT).date() + timedelta(days=1)
    certificate = Certificate(defender, digest.hex(), tx.now, complete_on, in_chat)
    journal.write(tx, "erased", defender=defender, key=certificate.key, complete_on=complete_on.isoformat())
    return certificate
