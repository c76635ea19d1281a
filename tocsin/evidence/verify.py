"""Verify a bundle of a journal, with nothing but this file, Python 3.9 or later and the package `cryptography`:

    python3 -I verify.py BUNDLE.zip [--key KEY] [--checkpoint FILE ...]

KEY is the log's public key as you got it from somewhere else than this bundle. FILE is a checkpoint that you, or
somebody you trust, has kept. Exit code 0: verified. 1: not verified. 2: wrong usage. No network is used.
It shows that the entries are those of the log, unchanged and in their places; it cannot show that what they say is so.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
import zipfile
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def need(holds: object, otherwise: str) -> None:
    """Stop with a sentence, unless it holds."""
    if not holds:
        raise ValueError(otherwise)


def note_in(text: str) -> str:
    """The checkpoint in a text, whatever else stands there: the mail or the message in which it came."""
    three_lines, signatures = r"^\S+\n[0-9]+\n\S+\n\n", "(?:\N{EM DASH} \\S+ \\S+(?:\n|\\Z))+"
    found = re.search(three_lines + signatures, text.replace("\r\n", "\n"), re.MULTILINE)
    if found is None:
        raise ValueError("There is no checkpoint in the file that was given as one.")
    return found[0].rstrip("\n") + "\n"


def text_of(note: str, key: str, what: str) -> str:
    """The text of a signed note (c2sp.org/signed-note), once the signature of `key` (name+hash+key) is good."""
    name, key_id, written = key.split("+", 2)
    public = base64.b64decode(written, validate=True)
    expected_id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    need(len(public) == 33 and public[:1] == b"\x01" and key_id == expected_id.hex(), "The key is not well formed.")
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        dash, signer, signature = line.split(" ")
        decoded = base64.b64decode(signature, validate=True)
        need(dash == "\N{EM DASH}" and base64.b64encode(decoded).decode() == signature, f"{what} is not well formed.")
        if (signer, decoded[:4]) == (name, expected_id):
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(decoded[4:], (text + "\n").encode())
            return text + "\n"
    raise ValueError(f"{what} is not signed by the key {name}.")


def checkpoint_of(note: str, key: str, what: str) -> tuple[str, int, bytes]:
    """The name of the log, its size and its root (c2sp.org/tlog-checkpoint)."""
    origin, size, root = text_of(note, key, what).splitlines()
    need(str(int(size)) == size and origin == key.split("+")[0], f"{what} is of another log.")
    return origin, int(size), base64.b64decode(root, validate=True)


def node(left: bytes, right: bytes) -> bytes:
    """The hash of a node of the tree (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def includes(leaf_hash: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Whether the proof leads from the leaf at `index` to the root (RFC 9162, 2.1.3.2)."""
    here, last, hash_ = index, size - 1, leaf_hash
    for other in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            hash_ = node(other, hash_)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            hash_ = node(hash_, other)
        here, last = here >> 1, last >> 1
    return 0 <= index < size and last == 0 and hash_ == root


def extends(old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the proof shows that the larger tree begins with the whole smaller one (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not 0 < old < new or not path:
        return False
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first = second = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            first, second = node(other, first), node(other, second)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            second = node(second, other)
        here, last = here >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def files_of(path: str, key: "str | None") -> tuple[dict[str, bytes], str]:
    """Every file of the bundle by name, once each is the one that the signed manifest names; and the key."""
    with zipfile.ZipFile(path) as bundle:
        need(len(set(bundle.namelist())) == len(bundle.namelist()), "A file is in the bundle twice.")
        files = {name: bundle.read(name) for name in bundle.namelist()}
    key = (key or files["keys.txt"].decode()).strip()
    kind, origin, *lines = text_of(files.pop("manifest.txt").decode(), key, "The manifest").splitlines()
    need((kind, origin) == ("tocsin-bundle v1", key.split("+")[0]), "The manifest is of something else.")
    found = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in sorted(files.items())]
    need(found == lines, "A file of the bundle was changed, added or taken away.")
    return files, key


def verify(path: str, key: "str | None", held: list[str]) -> Iterator[str]:
    """Sentences that say what was shown. Raises an error when anything does not fit."""
    files, signer = files_of(path, key)
    bundle = json.loads(files["bundle.json"])
    origin, size, root = checkpoint_of(bundle["checkpoint"], signer, "The checkpoint of the bundle")
    known, opened = {(size, root)}, 0
    seqs: list[tuple[int, str]] = []
    for older in bundle["checkpoints"]:
        _, old, old_root = checkpoint_of(older["note"], signer, "A checkpoint in the bundle")
        need(extends(old, size, [bytes.fromhex(one) for one in older["proof"]], old_root, root),
             f"The log did not grow from its checkpoint of {old} entries.")  # fmt: skip
        known.add((old, old_root))
    for entry in bundle["entries"]:
        leaf = json.loads(entry["leaf"])
        leaf_hash = hashlib.sha256(b"\x00" + entry["leaf"].encode()).digest()
        need(includes(leaf_hash, leaf["seq"], size, [bytes.fromhex(one) for one in entry["proof"]], root),
             f"The entry {leaf['seq']} is not in the log.")  # fmt: skip
        if entry["content"] is not None:
            commitment = hmac.new(bytes.fromhex(entry["salt"]), entry["content"].encode(), "sha256").hexdigest()
            need(commitment == leaf["commitment"], f"The content of the entry {leaf['seq']} is not what was committed.")
            opened += 1
        seqs.append((leaf["seq"], leaf["at"]))
    need(seqs == sorted(set(seqs)), "The entries are not in their order.")
    for note in held:
        _, old, old_root = checkpoint_of(note, signer, "Your checkpoint")
        need((old, old_root) in known, f"Your checkpoint of {old} entries is not one that this bundle was proved from.")
    yield f"{len(seqs)} of {size} entries of {origin} are shown, {opened} with their contents; all are in their places."
    if seqs:
        yield f"The first says {seqs[0][1]}, the last {seqs[-1][1]}, by the clock of the machine that wrote them."
    yield f"The key that signed is {signer}"
    if held:
        yield f"Checkpoints kept by others that agree: {len(held)}."
    else:
        yield "Unanchored: no checkpoint kept by others was given; whoever has the log's key could have made all this."


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Verify a bundle of a journal.")
    arguments.add_argument("bundle")
    arguments.add_argument("--key", help="the log's public key, name+hash+key, from elsewhere than the bundle")
    arguments.add_argument("--checkpoint", action="append", default=[], help="a checkpoint that somebody has kept")
    asked = arguments.parse_args()
    try:
        notes = [note_in(open(name, encoding="utf-8", newline="").read()) for name in asked.checkpoint]  # noqa: PTH123, SIM115
        said = list(verify(asked.bundle, asked.key, notes))
    except Exception as fault:  # whatever cannot be read is not verified
        print(f"NOT VERIFIED. {str(fault) or 'A signature is not good.'}")
        sys.exit(1)
    print("VERIFIED.", *said, sep="\n")
