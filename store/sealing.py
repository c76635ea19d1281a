"""Sealed fields: whatever tells who somebody is or what befell them, as it stands in the tables.

A content is JSON, padded, sealed under the data key of the person it is about, and bound to its cell: it opens there
and nowhere else.
"""

import json
from dataclasses import dataclass
from uuid import UUID

from .binding import bound
from .cipher import seal as sealed_by
from .cipher import unseal
from .columns import NO_DATABASE_TAKES, REPLACEMENT
from .database import Tx
from .padding import FIELD_BUCKETS, pad, unpad
from .records import Words
from .refusals import Erased, Locked, SealBroken
from .vault import HOUSE

__all__ = [
    "HOUSE", "Cell", "Erased", "Locked", "SealBroken",
    "begin_subject", "erase_subject", "opened", "seal",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One place in the tables; `row` never changes."""

    table: str
    column: str
    row: UUID | int | str


def begin_subject(tx: Tx, subject: UUID) -> None:
    """Make the data key of a person, before any row of theirs. Raises Locked."""
    tx.vault.begin(tx.connection, subject, tx.now)


def seal(tx: Tx, subject: UUID, cell: Cell, content: Words, buckets: tuple[int, ...] = FIELD_BUCKETS) -> bytes:
    """`content` as it is kept in `cell`, its length one of `buckets` and a little; half a surrogate pair in a text
    becomes U+FFFD. Raises Locked or Erased."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    written = NO_DATABASE_TAKES.sub(REPLACEMENT, text).encode()
    return sealed_by(_key(tx, subject), pad(written, buckets), _belongs_to(subject, cell))


def opened(tx: Tx, subject: UUID, cell: Cell, sealed: bytes) -> Words:
    """What was sealed for this cell of this person. Raises SealBroken, Erased or Locked."""
    padded = unseal(_key(tx, subject), sealed, _belongs_to(subject, cell))
    content: Words = json.loads(unpad(padded))
    return content


def erase_subject(tx: Tx, subject: UUID) -> bytes:
    """Delete a person's data key, before their rows: nothing of theirs opens any more. Gives the SHA-256 of the key as
    it was kept, for the certificate. Raises Erased when there is none."""
    return tx.vault.erase(tx.connection, subject)


def _key(tx: Tx, subject: UUID) -> bytes:
    try:
        return tx.vault.data_key(tx.connection, subject)
    except Erased:
        if subject != HOUSE or not tx.locking:
            raise
    begin_subject(tx, HOUSE)
    return tx.vault.data_key(tx.connection, HOUSE)


def _belongs_to(subject: UUID, cell: Cell) -> bytes:
    return bound("tocsin/field/v1", cell.table, cell.column, str(cell.row), subject.bytes)
