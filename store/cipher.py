"""The one cipher for what is kept: AES-256-GCM-SIV, with all that a content belongs to as associated data.

    sealed := version ‖ algorithm ‖ header ‖ nonce[12] ‖ ciphertext ‖ tag[16]

A nonce that is drawn twice (a machine put back to an earlier state) shows only that two contents are the same. Where
the cryptographic library lacks SIV, AES-GCM stands in, and the algorithm byte says so.
"""

import os

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

from .refusals import SealBroken

VERSION = 1
SIV, GCM = 1, 2
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


def new_key() -> bytes:
    """A fresh key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, content: bytes, belongs_to: bytes, header: bytes = b"") -> bytes:
    """`content` sealed under `key`, to be opened with the same `belongs_to` and header only."""
    algorithm, cipher = _best(key)
    beginning = bytes([VERSION, algorithm]) + header
    nonce = os.urandom(NONCE_BYTES)
    return beginning + nonce + cipher.encrypt(nonce, content, beginning + belongs_to)


def unseal(key: bytes, sealed: bytes, belongs_to: bytes, header_bytes: int = 0) -> bytes:
    """What `seal` was given. Raises SealBroken when anything at all is not as it was."""
    start = 2 + header_bytes
    beginning, nonce, rest = sealed[:start], sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
    if len(rest) < TAG_BYTES or beginning[0] != VERSION or beginning[1] not in (SIV, GCM):
        raise SealBroken("This is not a seal that we know.")
    cipher = AESGCMSIV(key) if beginning[1] == SIV else AESGCM(key)
    try:
        return cipher.decrypt(nonce, rest, beginning + belongs_to)
    except InvalidTag:
        raise SealBroken("This seal is broken, or was made for another place.") from None


def _best(key: bytes) -> tuple[int, AESGCMSIV | AESGCM]:
    try:
        return SIV, AESGCMSIV(key)
    except UnsupportedAlgorithm:
        return GCM, AESGCM(key)
