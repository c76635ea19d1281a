"""Safe words and codes as Argon2id hashes over a pepper, in the PHC string format, which holds its own parameters.

19 MiB, two passes, one lane, as OWASP's Password Storage Cheat Sheet recommends. One takes some 40 ms: off the event
loop, and never in front of a call for help. Whatever is tried takes the same work, right or wrong, chosen or not.

A code is a row of signs. It is kept as one hash for each place, with the sign at that place left out, so that it can be
told how far off a row is without trying any other: all of them match for the code itself, exactly one for a row with
one slip, and none for any other row. Two of them are enough to know a row as the very one.
"""

import os
from collections.abc import Callable, Sequence
from functools import partial

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from escalation.secrets import Code, Verdict, row_says

SALT_BYTES = 16
HASH_BYTES = 32
PASSES = 2
LANES = 1
MEMORY_KIB = 19 * 1024
LONGEST_WORD = 4096  # characters; no message has more (Bot API, sendMessage)
SIGNS_OF_A_CODE = 4
ENOUGH = 2  # hashes that match, each with another sign left out: then every sign is the same
NOBODYS = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${'A' * 22}${'A' * 43}"  # for who has chosen nothing
BETWEEN = "\n"

Pepper = Callable[[str], bytes]  # a person's: `vault.peppered` of them


def hash_word(word: str, pepper: Pepper) -> str:
    """The hash under which a word is kept; another one each time."""
    return _hashed(_of_word(word, pepper))


def word_matches(word: str, hashed: str | None, pepper: Pepper) -> bool:
    """Whether this is the word that was hashed. None, for who has chosen none, takes as long."""
    return _matches(_of_word(word, pepper), hashed or NOBODYS) and hashed is not None


def hash_code(signs: Sequence[int], pepper: Pepper) -> str:
    """What a code is kept as; other hashes each time. Raises ValueError for a row that is no code."""
    if not can_be_code(signs):
        raise ValueError("A code has four signs, and not four times the same.")
    return BETWEEN.join(_hashed(secret) for secret in _of_code(signs, pepper))


def can_be_code(signs: Sequence[int]) -> bool:
    """Whether this row of signs can be chosen as somebody's code."""
    return len(signs) == SIGNS_OF_A_CODE and len(set(signs)) > 1


def read_code(signs: Sequence[int], code: Code | None, pepper: Pepper) -> Verdict:
    """What four signs say to somebody whose code is kept as `code`, None when they have chosen none. Every row takes
    the same work."""
    return verdict([part() for part in parts_of_reading(signs, code, pepper)], code)


def parts_of_reading(signs: Sequence[int], code: Code | None, pepper: Pepper) -> list[Callable[[], bool]]:
    """The work of `read_code` in six parts of one length, which may be done at once, for `verdict`: how far off the row
    is from the code that shows, and whether it is the true one."""
    secrets = _of_code(signs, pepper)
    shown = zip(secrets, _lines(code.shown if code else None), strict=True)
    true = zip(secrets, _lines(code.true if code else None), strict=True)
    kept = [*shown, *[*true][:ENOUGH]]
    return [partial(_matches, secret, one) for secret, one in kept]


def verdict(found: Sequence[bool], code: Code | None) -> Verdict:
    """What the parts of a reading say together."""
    of_shown, of_true = found[:SIGNS_OF_A_CODE], found[SIGNS_OF_A_CODE:]
    return row_says(code, is_one_off=of_shown.count(True) == 1, is_true=all(of_true))


def _lines(hashed: str | None) -> list[str]:
    return hashed.split() if hashed else [NOBODYS] * SIGNS_OF_A_CODE


def _of_word(word: str, pepper: Pepper) -> bytes:
    return pepper(f"word:{word[:LONGEST_WORD]}")


def _of_code(signs: Sequence[int], pepper: Pepper) -> list[bytes]:
    """The row with each of its places left out in turn, as it goes into a hash."""
    rows = [[*map(str, signs[:place]), "-", *map(str, signs[place + 1 :])] for place in range(SIGNS_OF_A_CODE)]
    return [pepper("code:" + ",".join(row)) for row in rows]


def _hashed(secret: bytes) -> str:
    kdf = Argon2id(
        salt=os.urandom(SALT_BYTES), length=HASH_BYTES, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB
    )
    return kdf.derive_phc_encoded(secret)


def _matches(secret: bytes, hashed: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(secret, hashed)
    except (InvalidKey, ValueError):
        return False
    return True
