"""Looking whether the journal is still what it was: every entry, the tree over them, every checkpoint.

What only we hold can be written anew by whoever has our database and our keys. So it is said up to where checkpoints
that somebody else held agree; after that the journal is unanchored, however well it fits together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, select

from . import checkpoints, leaves
from .database import Tx
from .journal import commitment, content_of
from .merkle import EMPTY_ROOT, Peaks
from .notes import Checkpoint, NoteRefused, VerifierKey, text_of
from .sealing import Erased, Locked, SealBroken
from .tables.journal import TREE

MOST_FAULTS = 20  # told one by one


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `entries` have their place in the tree and `waiting` do not yet; `opened` could be read.

    `anchored` is up to how many entries a checkpoint that was given agrees; `faults` are sentences, none when all is as
    it was."""

    entries: int
    waiting: int
    opened: int
    kept: int
    anchored: int
    given: int
    faults: tuple[str, ...]

    @property
    def unanchored(self) -> bool:
        """Whether there is any entry that nobody outside vouches for."""
        return self.anchored < self.entries


@dataclass(slots=True)
class _Walk:
    """The journal from its beginning, entry by entry."""

    tx: Tx
    sizes: frozenset[int]
    faults: list[str]
    opened: int = 0
    peaks: Peaks = field(default_factory=Peaks)
    roots: dict[int, bytes] = field(default_factory=lambda: {0: EMPTY_ROOT})

    def through(self) -> None:
        """Every place, in its order."""
        for here in leaves.placed(self.tx):
            place = self.peaks.size
            if here.seq != place:
                self.faults.append(f"There is no entry at place {place}.")
                return
            hash_ = here.hash
            if here.row is None:
                self.faults.append(f"The entry at place {place} is gone.")
            else:
                hash_ = leaves.hash_of(self.tx, place, here.row)
                if hash_ != here.hash:
                    self.faults.append(f"The entry at place {place} was changed.")
                self._open(place, here.row)
            self.peaks = self.peaks.with_leaf(hash_)
            if self.peaks.size in self.sizes:
                self.roots[self.peaks.size] = self.peaks.root()

    def _open(self, place: int, row: Row[Any]) -> None:
        try:
            salt, content = content_of(self.tx, row)
        except (Erased, Locked):
            return
        except SealBroken:
            self.faults.append(f"The content at place {place} is not what was sealed there.")
            return
        self.opened += 1
        if commitment(salt, content) != row.commitment:
            self.faults.append(f"The content at place {place} is not what the entry commits to.")


def verify(tx: Tx, given: Sequence[str] = (), keys: Iterable[VerifierKey] = ()) -> Verdict:
    """Hold the whole journal against the checkpoints that it keeps, and against those `given` by others, as notes.

    `keys` are those that may have signed them; our own, unless others are named."""
    trusted = tuple(keys) or (checkpoints.key(tx),)
    faults: list[str] = []
    kept = [one.note for one in checkpoints.kept(tx)]
    own = _read(tx, kept, trusted, faults, "A checkpoint that the journal keeps")
    outside = _read(tx, given, trusted, faults, "A checkpoint that was given")
    walk = _Walk(tx, frozenset(one.size for one in (*own, *outside)), faults)
    walk.through()
    size = walk.peaks.size
    faults += filter(None, (_disagreement(one, walk, "that the journal keeps") for one in own))
    agreeing = []
    for one in outside:
        if fault := _disagreement(one, walk, "that was given"):
            faults.append(fault)
        else:
            agreeing.append(one.size)
    faults += _of_the_tree(tx, walk, max((one.size for one in own), default=0))
    waits = checkpoints.waiting(tx)
    return Verdict(size, waits, walk.opened, len(own), max(agreeing, default=0), len(given), _first(faults))


def _read(tx: Tx, notes: Iterable[str], keys: Sequence[VerifierKey], faults: list[str], what: str) -> list[Checkpoint]:
    """The checkpoints of these notes; what is wrong with the others is added to `faults`."""
    found, name = [], leaves.origin(tx)
    for note in notes:
        try:
            checkpoint = Checkpoint.read(text_of(note, keys))
        except NoteRefused as refusal:
            faults.append(f"{what} cannot be used. {refusal}")
            continue
        if checkpoint.origin == name:
            found.append(checkpoint)
        else:
            faults.append(f"{what} is of another log, {checkpoint.origin}.")
    return found


def _disagreement(one: Checkpoint, walk: _Walk, which: str) -> str | None:
    if one.size > walk.peaks.size:
        return f"The journal ends after {walk.peaks.size} entries; the checkpoint {which} saw {one.size}."
    if walk.roots.get(one.size) != one.root:
        return f"The first {one.size} entries are not those of the checkpoint {which}."
    return None


def _of_the_tree(tx: Tx, walk: _Walk, last: int) -> Iterable[str]:
    tree = tx.connection.execute(select(TREE)).one()
    if (tree.size, tree.peaks) != (walk.peaks.size, walk.peaks.to_bytes()):
        yield "What is kept of the tree does not fit its entries."
    if last < walk.peaks.size:
        yield f"The last checkpoint that the journal keeps is of {last} entries, and there are {walk.peaks.size}."
    if lost := leaves.passed_over(tx):
        yield f"{lost} entries have no place in the tree, and wait for none."


def _first(faults: list[str]) -> tuple[str, ...]:
    """The faults, as far as anybody reads on."""
    if len(faults) <= MOST_FAULTS:
        return tuple(faults)
    return (*faults[:MOST_FAULTS], f"These are {MOST_FAULTS} of {len(faults)} faults.")
