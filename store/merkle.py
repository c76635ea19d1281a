"""The Merkle tree of RFC 9162, section 2.1: roots, and proofs that an entry is in it and that it only ever grew.

Pure: hashes in, hashes out. `Peaks` is the tree as far as appending needs it (at most one hash for each bit of its
size); `Tree` holds every leaf, for those who make proofs. Who verifies needs neither.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()  # RFC 9162, 2.1.1: the root of a tree without leaves


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf. The prefix keeps leaves and nodes apart, so that neither can be shown as the other."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node from those of its two halves."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Peaks:
    """A tree of `size` leaves as its complete subtrees, the widest (and oldest) first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def with_leaf(self, leaf: bytes) -> "Peaks":
        """The tree with one more leaf, given as its hash; costs at most log2(size) hashes."""
        hashes, full = list(self.hashes), self.size
        while full & 1:
            leaf, full = node_hash(hashes.pop(), leaf), full >> 1
        return Peaks(self.size + 1, (*hashes, leaf))

    def root(self) -> bytes:
        """The root hash of the tree as it is."""
        if not self.hashes:
            return EMPTY_ROOT
        *wider, root = self.hashes
        for hash_ in reversed(wider):
            root = node_hash(hash_, root)
        return root

    def to_bytes(self) -> bytes:
        """The hashes, one after the other; how many there are follows from the size."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, content: bytes) -> "Peaks":
        """What `to_bytes` gave for a tree of this size. Raises ValueError when it cannot be of that size."""
        if len(content) != HASH_BYTES * size.bit_count():
            raise ValueError("These are not the subtrees of a tree of this size.")
        return cls(size, tuple(content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)))


class Tree:
    """A whole tree, which can show what was in it at any size that it ever had."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        """From the hashes of its leaves, in their order."""
        self._levels: list[list[bytes]] = [list(leaves)]
        while len(below := self._levels[-1]) > 1:
            self._levels.append([node_hash(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)])

    def __len__(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0])

    def root(self, size: int) -> bytes:
        """The root when the tree had `size` leaves. Raises ValueError when it never had so many."""
        self._need(size <= len(self))
        return self._over(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that the leaf at `index`, from 0, is in the tree of `size` leaves (2.1.3.1)."""
        self._need(0 <= index < size <= len(self))
        proof: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                proof.append(self._over(middle, end))
                end = middle
            else:
                proof.append(self._over(start, middle))
                start = middle
        return proof[::-1]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of `new` leaves begins with the whole of the one of `old`, at least 1 (2.1.4.1)."""
        self._need(0 < old <= new <= len(self))
        proof: list[bytes] = []
        start, end, is_whole = 0, new, True
        while old != end:
            middle = start + _split(end - start)
            if old <= middle:
                proof.append(self._over(middle, end))
                end = middle
            else:
                proof.append(self._over(start, middle))
                start, is_whole = middle, False
        if not is_whole:
            proof.append(self._over(start, end))
        return proof[::-1]

    def _over(self, start: int, end: int) -> bytes:
        """The root over the leaves from `start` up to `end`, a range as the tree is split into."""
        width = end - start
        level = width.bit_length() - 1
        if width == 1 << level:
            return self._levels[level][start >> level]
        middle = start + _split(width)
        return node_hash(self._over(start, middle), self._over(middle, end))

    @staticmethod
    def _need(holds: bool) -> None:
        if not holds:
            raise ValueError("The tree has never had such leaves.")


def _split(width: int) -> int:
    """The largest power of two that is smaller than `width`, at least 2: how a tree is split (2.1.1)."""
    return 1 << (width - 1).bit_length() - 1


def proves_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows the leaf of this hash at `index` in the tree of `size` leaves (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, hash_ = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            hash_ = node_hash(other, hash_)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, other)
        here, last = here >> 1, last >> 1
    return last == 0 and hash_ == root


def proves_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether `proof` shows that the tree of `new` leaves begins with the whole of the one of `old` (2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first = second = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            first, second = node_hash(other, first), node_hash(other, second)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            second = node_hash(second, other)
        here, last = here >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
