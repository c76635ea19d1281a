"""Safe words as Argon2id hashes, in the PHC string format, which holds its own parameters.

19 MiB, two passes, one lane, as OWASP's Password Storage Cheat Sheet recommends. It takes some 40 ms: off the event
loop, and never in front of a call for help.
"""

import os

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SALT_BYTES = 16
HASH_BYTES = 32
PASSES = 2
LANES = 1
MEMORY_KIB = 19 * 1024


def hash_word(word: str) -> str:
    """The hash under which a word is kept; another one each time."""
    kdf = Argon2id(
        salt=os.urandom(SALT_BYTES), length=HASH_BYTES, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB
    )
    return kdf.derive_phc_encoded(_bytes(word))


def word_matches(word: str, hashed: str) -> bool:
    """Whether this is the word that was hashed."""
    try:
        Argon2id.verify_phc_encoded(_bytes(word), hashed)
    except (InvalidKey, ValueError):
        return False
    return True


def _bytes(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")
