"""Who holds the key-encryption key: its file as it is, a passphrase, or two shares of which one is elsewhere.

Each way gives the fields of the key file, and takes them back to the key. What is taken back is known by its id, so
that a wrong passphrase or share is told from the right one.
"""

import hmac
import os
from collections.abc import Callable, Mapping
from datetime import datetime

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from .binding import bound
from .cipher import KEY_BYTES, seal, unseal
from .key_files import KeyFile, key_id
from .keyring import Keep
from .made_keys import key_file
from .refusals import KeysRefused, SealBroken

SALT_BYTES = 16
MEMORY_KIB, PASSES, LANES = 64 * 1024, 3, 1  # RFC 9106, section 4, its second choice with one lane; about 0.2 s
SHORTEST = 12  # characters of a passphrase
BELONGS_TO = bound("tocsin/passphrase/v1")


def by_passphrase(passphrase: str) -> Keep:
    """Keep a key wrapped under a passphrase. Raises KeysRefused for a short one."""
    if len(passphrase) < SHORTEST:
        raise KeysRefused(f"A passphrase has at least {SHORTEST} characters: take five or six words of a dictionary.")

    def keep(kek: bytes) -> Mapping[str, bytes]:
        salt = os.urandom(SALT_BYTES)
        return {"salt": salt, "wrapped": seal(_stretched(passphrase, salt), kek, BELONGS_TO)}

    return keep


def by_shares(give_away: Callable[[KeyFile], None], now: datetime) -> Keep:
    """Keep one of two shares; neither tells anything without the other. `give_away` is handed the other one, which
    belongs on another machine."""

    def keep(kek: bytes) -> Mapping[str, bytes]:
        elsewhere = os.urandom(KEY_BYTES)
        file = key_file("share", kek, {"key": elsewhere}, now)
        give_away(file)
        return {"share": _xor(kek, elsewhere)}

    return keep


def with_passphrase(file: KeyFile, passphrase: str) -> bytes:
    """The key that `file` holds under a passphrase. Raises KeysRefused when it is the wrong one."""
    try:
        return unseal(_stretched(passphrase, file.fields["salt"]), file.fields["wrapped"], BELONGS_TO)
    except SealBroken:
        raise KeysRefused("This is not the passphrase of these keys: try it once more.") from None


def with_share(file: KeyFile, share: bytes) -> bytes:
    """The key that `file` holds one share of. Raises KeysRefused when the other one does not belong to it."""
    mine = file.fields["share"]
    if len(share) != len(mine) or not hmac.compare_digest(key_id(_xor(mine, share)), file.id):
        raise KeysRefused(f"The share that came does not belong to the key {file.id}: give the one made with it.")
    return _xor(mine, share)


def is_under_passphrase(file: KeyFile) -> bool:
    """Whether a passphrase opens it."""
    return file.use == "kek" and "salt" in file.fields


def is_in_shares(file: KeyFile) -> bool:
    """Whether it takes a share from elsewhere."""
    return file.use == "kek" and "share" in file.fields


def _stretched(passphrase: str, salt: bytes) -> bytes:
    kdf = Argon2id(salt=salt, length=KEY_BYTES, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB)
    return kdf.derive(passphrase.encode("utf-8", "surrogatepass"))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
