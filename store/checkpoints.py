"""Letting the tree over the journal grow, and signing how far it has.

Entries are written by many at once and commit in any order; who places them is one at a time, and takes what is
committed and waits. So places have no gaps, and an entry that commits late is placed late. Nothing binds an entry until
it has its place: that is an hour at most, and seconds for anything about an incident.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, exists, func, insert, select, update

from . import leaves
from .database import Tx
from .journal import write
from .merkle import Peaks
from .notes import Checkpoint, VerifierKey, signed
from .tables.journal import CHECKPOINT, JOURNAL, LEAF, TREE, WAITING, Code

AT_ONCE = 200  # entries placed in one transaction, so that a call for help never waits long for the database
EVERY = timedelta(hours=1)  # at least

HOLD = select(TREE).with_for_update()
LOOK = select(TREE)
NEXT = (
    select(JOURNAL)
    .join(WAITING, WAITING.c.entry == JOURNAL.c.id)
    .order_by(JOURNAL.c.id)
    .limit(bindparam("most"))
)  # fmt: skip
GROW = insert(LEAF)
PLACED = delete(WAITING).where(WAITING.c.entry.in_(bindparam("numbers", expanding=True)))
MOVE = update(TREE).values(size=bindparam("new_size"), peaks=bindparam("new_peaks"))
KEEP = insert(CHECKPOINT)
KEPT = select(CHECKPOINT.c.size, CHECKPOINT.c.at, CHECKPOINT.c.note).order_by(CHECKPOINT.c.size)
BEGINNING = select(func.min(CHECKPOINT.c.at))
NEWEST = KEPT.order_by(None).order_by(CHECKPOINT.c.size.desc()).limit(1)
SOMETHING_WAITS = select(exists().where(WAITING.c.of_incident))
HAS_ENDED = select(
    exists()
    .where(LEAF.c.entry == JOURNAL.c.id)
    .where(LEAF.c.seq >= bindparam("since"))
    .where(JOURNAL.c.code == Code.ENDED.value)
)
HAND = update(TREE).values(handed_size=bindparam("given_size"), handed_at=bindparam("given_at"))


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint as it is kept: how many entries the journal had, when, and the signed note that says so."""

    size: int
    at: datetime
    note: str


def incident_waits(tx: Tx) -> bool:
    """Whether something about an incident has no place in the tree yet."""
    return bool(tx.connection.execute(SOMETHING_WAITS).scalar())


def is_due(tx: Tx) -> bool:
    """Whether the last checkpoint is an hour old, or there is none."""
    last = newest(tx)
    return last is None or tx.now - last.at >= EVERY


def mark_hour(tx: Tx) -> None:
    """Write that this hour passed, so that a journal in which nothing happened shows that nothing was cut off it."""
    write(tx, "hour")


def place(tx: Tx) -> bool:
    """Give waiting entries their places and sign a checkpoint; True when more may be waiting."""
    tx.known.write(tx.connection)
    tree = tx.connection.execute(HOLD).one()
    rows = tx.connection.execute(NEXT, {"most": AT_ONCE}).all()
    if not rows:
        return False
    peaks, grown = Peaks.from_bytes(tree.size, tree.peaks), []
    for row in rows:
        hash_ = leaves.hash_of(tx, peaks.size, row)
        grown.append({"seq": peaks.size, "entry": row.id, "hash": hash_})
        peaks = peaks.with_leaf(hash_)
    tx.connection.execute(GROW, grown)
    tx.connection.execute(PLACED, {"numbers": [row.id for row in rows]})
    tx.connection.execute(MOVE, {"new_size": peaks.size, "new_peaks": peaks.to_bytes()})
    _keep(tx, peaks)
    return len(rows) == AT_ONCE


def key(tx: Tx) -> VerifierKey:
    """With what others check our checkpoints."""
    return VerifierKey(leaves.origin(tx), tx.vault.public_key)


def sign(tx: Tx, text: str) -> str:
    """The note that says `text` and is signed by this instance."""
    return signed(text, key(tx), tx.vault.sign)


def newest(tx: Tx) -> Kept | None:
    """The last checkpoint; None before the first."""
    row = tx.connection.execute(NEWEST).first()
    return None if row is None else Kept(*row)


def kept(tx: Tx, since: int = 0) -> list[Kept]:
    """Every checkpoint of more than `since` entries, the smallest first."""
    return [Kept(*row) for row in tx.connection.execute(KEPT.where(CHECKPOINT.c.size > since))]


def waiting(tx: Tx) -> int:
    """How many entries have no place yet."""
    return int(tx.connection.execute(select(func.count()).select_from(WAITING)).scalar_one())


def to_hand_out(tx: Tx, every: timedelta, at_most_every: timedelta) -> Kept | None:
    """The checkpoint that people outside should get now: one in every `every` as long as anything happens, and one when
    an incident has ended since, but none sooner than `at_most_every` after the last; the beginning counts as one."""
    last, tree = newest(tx), tx.connection.execute(LOOK).one()
    if last is None or last.size == tree.handed_size:
        return None
    since = tree.handed_at or tx.connection.execute(BEGINNING).scalar_one()
    if tx.now - since >= every:
        return last
    ended = tx.connection.execute(HAS_ENDED, {"since": tree.handed_size}).scalar()
    return last if ended and tx.now - since >= at_most_every else None


def handed_out(tx: Tx, what: Kept) -> None:
    """Note that people outside were given this checkpoint."""
    tx.connection.execute(HAND, {"given_size": what.size, "given_at": tx.now})


def _keep(tx: Tx, peaks: Peaks) -> None:
    note = sign(tx, str(Checkpoint(leaves.origin(tx), peaks.size, peaks.root())))
    tx.connection.execute(KEEP, {"size": peaks.size, "at": tx.now, "note": note})
