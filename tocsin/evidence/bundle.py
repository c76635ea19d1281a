"""Bundles: entries of the journal with all that somebody else needs to check them, in one file.

A bundle shows nothing of what happened unless its contents are asked for. It claims that its entries are those of the
log, unchanged, in their places, and written when the log says; it claims nothing of what they say.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from store import checkpoints, leaves
from store.database import Tx
from store.discreet import Discreet
from store.journal import content_of
from store.merkle import Tree
from store.notes import Checkpoint, text_of
from store.records import Words
from store.sealing import Erased, Locked

FORMAT = "tocsin-bundle v1"
MOST_CHECKPOINTS = 500  # in one bundle; of more, some between are left out
TAKEN_ALONG = ("verify.py", "VERIFY.md")


@dataclass(frozen=True, slots=True, repr=False)
class Bundle(Discreet):
    """A bundle, and what is in it. `opened` of its `entries` have their contents with them; the log has `size`."""

    content: bytes
    entries: int
    opened: int
    checkpoints: int
    size: int

    @property
    def sha256(self) -> str:
        """The hash of the file, for the custody sheet."""
        return sha256(self.content).hexdigest()


def make_bundle(tx: Tx, incident: UUID | None, held: Sequence[str] = (), *, with_contents: bool) -> Bundle | None:
    """The entries of `incident`, or all of them; None when none of them has its place yet.

    `held` are checkpoints that others keep, as notes, from which the log is to be shown to have grown. Of who is erased
    there is no content. Raises ValueError, with a sentence, when something is not as it was."""
    last = checkpoints.newest(tx)
    entries = [] if last is None else [_entry(tx, one, with_contents) for one in leaves.placed(tx, incident)]
    if last is None or not entries:
        return None
    tree = Tree(leaves.hashes(tx))
    head = Checkpoint.read(text_of(last.note, [checkpoints.key(tx)]))
    for entry in entries:
        entry["proof"] = _hex(tree.inclusion(int(str(entry.pop("seq"))), head.size))
    first = 0 if incident is None else int(json.loads(str(entries[0]["leaf"]))["seq"])
    notes = {one.size: one.note for one in _thinned(checkpoints.kept(tx, first)[:-1])}
    notes |= _grown_from(tx, held, tree, head)
    older: list[Words] = [
        {"note": note, "proof": _hex(tree.consistency(size, head.size))} for size, note in sorted(notes.items())
    ]
    described: dict[str, Words] = {
        "format": FORMAT,
        "checkpoint": last.note,
        "checkpoints": older,
        "entries": list(entries),
    }
    opened = sum(entry["content"] is not None for entry in entries)
    content = {
        "bundle.json": (json.dumps(described, indent=1) + "\n").encode(),
        "keys.txt": f"{checkpoints.key(tx)}\n".encode(),
        "checkpoint.txt": last.note.encode(),
        **{name: (files("tocsin.evidence") / name).read_bytes() for name in TAKEN_ALONG},
    }
    content["CUSTODY.md"] = _custody(tx.now, head, len(entries), opened, content).encode()
    lines = [f"{sha256(one).hexdigest()}  {name}\n" for name, one in sorted(content.items())]
    content["manifest.txt"] = checkpoints.sign(tx, f"{FORMAT}\n{head.origin}\n{''.join(lines)}").encode()
    return Bundle(_zipped(content), len(entries), opened, len(notes) + 1, head.size)


def _entry(tx: Tx, here: leaves.Placed, with_contents: bool) -> dict[str, Words]:
    """One entry as a bundle has it, without its proof. What is gone from the journal cannot be shown: it is refused."""
    if here.row is None:
        raise ValueError(f"The entry at place {here.seq} is gone: run `tocsin journal verify`.")
    entry: dict[str, Words] = {"seq": here.seq, "leaf": leaves.leaf(tx, here.seq, here.row)}
    entry |= {"salt": None, "content": None}
    if with_contents:
        try:
            salt, content = content_of(tx, here.row)
        except (Erased, Locked):
            return entry
        entry |= {"salt": salt.hex(), "content": content}
    return entry


def _thinned(kept: Sequence[checkpoints.Kept]) -> list[checkpoints.Kept]:
    return list(kept[:: 1 + len(kept) // MOST_CHECKPOINTS])


def _grown_from(tx: Tx, held: Iterable[str], tree: Tree, head: Checkpoint) -> dict[int, str]:
    """The checkpoints that others keep, by their sizes. Raises ValueError when the log is not the one they saw."""
    found = {}
    for note in held:
        one = Checkpoint.read(text_of(note, [checkpoints.key(tx)]))
        if one.size > head.size or tree.root(one.size) != one.root:
            raise ValueError(f"This journal is not the one of which a checkpoint of {one.size} entries was given.")
        found[one.size] = note
    return {size: note for size, note in found.items() if 0 < size < head.size}


def _hex(hashes: Iterable[bytes]) -> list[Words]:
    return [one.hex() for one in hashes]


def _custody(now: datetime, head: Checkpoint, entries: int, opened: int, content: dict[str, bytes]) -> str:
    sheet = (files("tocsin.evidence") / "CUSTODY.md").read_text(encoding="utf-8")
    return sheet.format(
        made=f"{now:%Y-%m-%d %H:%M:%S} UTC",
        origin=head.origin,
        size=head.size,
        entries=entries,
        opened=opened,
        key=content["keys.txt"].decode().strip(),
        sha256=sha256(content["bundle.json"]).hexdigest(),
    )


def _zipped(content: dict[str, bytes]) -> bytes:
    """One file, the same for the same content."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as bundle:
        for name, one in sorted(content.items()):
            bundle.writestr(ZipInfo(name), one, ZIP_DEFLATED)
    return written.getvalue()
