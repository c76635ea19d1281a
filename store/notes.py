"""Signed notes and checkpoints as C2SP writes them (c2sp.org/signed-note and c2sp.org/tlog-checkpoint, 2026-11-22).

A note is a text, a blank line, and a line for each signature. A checkpoint is a note that says of a log: its name, how
many entries it has, the root of the tree over them. Anybody can keep one; a later log can then be held against it.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .merkle import HASH_BYTES

ED25519 = b"\x01"  # the type of signature
KEY_BYTES, KEY_ID_BYTES = 32, 4
LONGEST = 64 * 1024  # bytes of a note; ours have 250
MOST_SIGNATURES = 100  # a note may carry those of witnesses; the reference implementation stops here too
NAME, BASE64 = r"([^\s+\x00-\x1f]+)", r"([A-Za-z0-9+/]+={0,2})"
KEY = re.compile(rf"{NAME}\+([0-9a-f]{{8}})\+{BASE64}")
SIGNATURE = re.compile(rf"\N{{EM DASH}} {NAME} {BASE64}")
SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")


class NoteRefused(ValueError):
    """It is no such note, or nobody whom we trust has signed it; the message is one plain sentence."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name of who signs with it, written as `name+hash+key`: what others keep to check notes."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that stand before a signature."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        """The key in one line."""
        return f"{self.name}+{self.id.hex()}+{b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def read(cls, written: str) -> Self:
        """The key of such a line. Raises NoteRefused."""
        parts = KEY.fullmatch(written.strip())
        if parts is not None:
            key = _unbase64(parts[3])
            found = cls(parts[1], key[1:])
            if key[:1] == ED25519 and len(found.public) == KEY_BYTES and found.id.hex() == parts[2]:
                return found
        raise NoteRefused("This is no key of a log: copy the whole line, name+hash+key.")


def signed(text: str, key: VerifierKey, sign: Callable[[bytes], bytes]) -> str:
    """The note that says `text`, which ends in a newline; `sign` signs with the private half of `key`."""
    signature = b64encode(key.id + sign(text.encode())).decode()
    return f"{text}\n\N{EM DASH} {key.name} {signature}\n"


def text_of(note: str, keys: Iterable[VerifierKey]) -> str:
    """What a note says, if one of `keys` has signed it. A wrong signature of one of them refuses the whole note.

    Raises NoteRefused."""
    if len(note) > LONGEST or CONTROL.search(note):
        raise NoteRefused("This is no signed note.")
    text, blank, below = note.rpartition("\n\n")
    lines = below.split("\n")
    if not blank or lines.pop() or not lines or len(lines) > MOST_SIGNATURES:
        raise NoteRefused("This is no signed note.")
    known = {(key.name, key.id): key for key in keys}
    trusted = False
    for line in lines:
        name, signature = _signature(line)
        key = known.get((name, signature[:KEY_ID_BYTES]))
        if key is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature[KEY_ID_BYTES:], f"{text}\n".encode())
        except InvalidSignature:
            raise NoteRefused(f"The signature of {key.name} is not good: this note was changed.") from None
        trusted = True
    if not trusted:
        raise NoteRefused("Nobody whose key we have has signed this note.")
    return f"{text}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its name, how many entries it has, and the root of the tree over them."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        """The text of its note."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """The checkpoint of such a text; lines below the three are passed over. Raises NoteRefused."""
        lines = text.split("\n")
        if len(lines) >= 4 and all(lines[:-1]) and not lines[-1] and SIZE.fullmatch(lines[1]):
            root = _unbase64(lines[2])
            if len(root) == HASH_BYTES:
                return cls(lines[0], int(lines[1]), root)
        raise NoteRefused("This is no checkpoint of a log.")


def _signature(line: str) -> tuple[str, bytes]:
    """The name of who signed, and the four bytes of the key with the signature."""
    parts = SIGNATURE.fullmatch(line)
    if parts is None or len(signature := _unbase64(parts[2])) <= KEY_ID_BYTES:
        raise NoteRefused("This is no signed note.")
    return parts[1], signature


def _unbase64(written: str) -> bytes:
    """What stands there in base 64. Raises NoteRefused unless it is written in the one way there is."""
    try:
        content = b64decode(written)
    except NotBase64:
        raise NoteRefused("This is not written as base 64.") from None
    if b64encode(content).decode() != written:
        raise NoteRefused("This is not written as base 64.")
    return content
