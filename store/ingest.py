"""The ingest key: raw updates are sealed to its public half, so that a machine that is locked can still take them in.

HPKE in base mode over the hybrid of ML-KEM-768 and X25519. It has no associated data; what a content belongs to goes
into `info`. The key objects have no serialiser, so their halves are kept one after the other:

    private := ML-KEM seed[64] ‖ X25519[32]        public := ML-KEM[1184] ‖ X25519[32]
    sealed  := version ‖ suite ‖ key id[4] ‖ encapsulated key and ciphertext
"""

from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from .binding import bound
from .padding import RAW_BUCKETS, pad, unpad
from .refusals import SealBroken

VERSION, HYBRID = 1, 1
SEED_BYTES, MLKEM_PUBLIC_BYTES = 64, 1184
ID_BYTES = 4
PURPOSE = "tocsin/ingest/v1"

Key = MLKEM768X25519PrivateKey

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_private() -> bytes:
    """A fresh private key."""
    return MLKEM768PrivateKey.generate().private_bytes_raw() + X25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public key that belongs to it."""
    seed, point = private[:SEED_BYTES], private[SEED_BYTES:]
    mlkem = MLKEM768PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()
    return mlkem + X25519PrivateKey.from_private_bytes(point).public_key().public_bytes_raw()


def seal_to(public: bytes, key_id: bytes, raw: bytes, context: bytes) -> bytes:
    """`raw` for whoever holds the private key, to be opened in the same context only."""
    beginning = bytes([VERSION, HYBRID]) + key_id
    return beginning + SUITE.encrypt(pad(raw, RAW_BUCKETS), _read(public), info=bound(PURPOSE, beginning, context))


@lru_cache(maxsize=8)
def _read(public: bytes) -> MLKEM768X25519PublicKey:
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC_BYTES]),
        X25519PublicKey.from_public_bytes(public[MLKEM_PUBLIC_BYTES:]),
    )


def key_of(sealed: bytes) -> bytes:
    """The id of the key to which this was sealed. Raises SealBroken when it is nothing of ours."""
    if sealed[:2] != bytes([VERSION, HYBRID]) or len(sealed) <= 2 + ID_BYTES:
        raise SealBroken("This is not a seal that we know.")
    return sealed[2 : 2 + ID_BYTES]


def unfolded(private: bytes) -> Key:
    """A private key as `open_with` takes it, which is more work than the opening."""
    return MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(private[:SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(private[SEED_BYTES:]),
    )


def open_with(key: Key, sealed: bytes, context: bytes) -> bytes:
    """What `seal_to` was given. Raises SealBroken when anything at all is not as it was."""
    beginning = sealed[: 2 + ID_BYTES]
    try:
        padded = SUITE.decrypt(sealed[len(beginning) :], key, info=bound(PURPOSE, beginning, context))
    except (InvalidTag, ValueError):
        raise SealBroken("This seal is broken, or was made for another place.") from None
    return unpad(padded)
