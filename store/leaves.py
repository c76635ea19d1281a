"""What the tree over the journal is made of: for each entry the bytes of which its leaf is the hash.

A leaf is all of an entry that leaves the house. It names nobody: people and incidents stand in it under pseudonyms that
only this instance can make, what happened as a commitment, the sealed content as a hash of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from .database import Tx
from .journal import canonical
from .merkle import leaf_hash
from .tables.journal import JOURNAL, LEAF, WAITING

VERSION = 1
AT_ONCE = 500  # rows fetched

PLACED = select(LEAF.c.seq, LEAF.c.hash, JOURNAL).outerjoin(JOURNAL, JOURNAL.c.id == LEAF.c.entry).order_by(LEAF.c.seq)
HASHES = select(LEAF.c.hash).order_by(LEAF.c.seq)
UNPLACED = (
    select(func.count())
    .select_from(JOURNAL)
    .outerjoin(LEAF, LEAF.c.entry == JOURNAL.c.id)
    .outerjoin(WAITING, WAITING.c.entry == JOURNAL.c.id)
    .where(LEAF.c.entry.is_(None), WAITING.c.entry.is_(None))
)


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry at its place. `hash` is what the tree was built from; `row` is the entry as it now is, None if gone."""

    seq: int
    hash: bytes
    row: Row[Any] | None


def origin(tx: Tx) -> str:
    """The name of this log in its checkpoints. It tells nothing of whose it is."""
    return f"tocsin.journal/{tx.vault.pseudonym('journal', b'origin')[:16]}"


def leaf(tx: Tx, seq: int, row: Row[Any]) -> str:
    """What stands in the tree for an entry at this place."""
    content: bytes = row.sealed if row.plain is None else row.plain.encode()
    return canonical(
        {
            "v": VERSION,
            "seq": seq,
            "at": instant(row.at),
            "code": row.code,
            "incident": pseudonym(tx, "incident", row.incident),
            "defender": pseudonym(tx, "person", row.defender),
            "actor": pseudonym(tx, "person", row.actor),
            "commitment": row.commitment.hex(),
            "content": sha256(content).hexdigest(),
        }
    )


def hash_of(tx: Tx, seq: int, row: Row[Any]) -> bytes:
    """The hash of an entry at this place."""
    return leaf_hash(leaf(tx, seq, row).encode())


def pseudonym(tx: Tx, kind: str, value: UUID | None) -> str | None:
    """What stands for a person or an incident in a leaf; the same all through one log, and in no other."""
    return None if value is None else tx.vault.pseudonym(f"journal:{kind}", value.bytes)


def instant(at: datetime) -> str:
    """An instant as it stands in a leaf, in UTC and to the microsecond."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def placed(tx: Tx, incident: UUID | None = None) -> Iterator[Placed]:
    """Every entry that has its place, in the order of the tree; those of one incident, if it is given."""
    chosen: Select[Any] = PLACED if incident is None else PLACED.where(JOURNAL.c.incident == incident)
    with tx.connection.execution_options(yield_per=AT_ONCE).execute(chosen) as rows:
        for row in rows:
            yield Placed(row.seq, row.hash, None if row.id is None else row)


def hashes(tx: Tx) -> list[bytes]:
    """The hashes of all leaves."""
    return list(tx.connection.execute(HASHES).scalars())


def passed_over(tx: Tx) -> int:
    """How many entries neither have a place nor wait for one: there should be none."""
    return int(tx.connection.execute(UNPLACED).scalar_one())
