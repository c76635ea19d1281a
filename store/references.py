"""References: the short names by which people speak of an incident ("K7Q2").

Crockford's base 32 without its vowels (https://www.crockford.com/base32.html): no letter is taken for
a digit, and no word comes about by chance.
"""

import secrets
from collections.abc import Iterator

SIGNS = "0123456789BCDFGHJKMNPQRSTVWXYZ"
LENGTH = 4  # 810,000 of them; longer only when many are taken
TRIES_OF_ONE_LENGTH = 8
AS_HEARD = str.maketrans("OIL", "011")


def references(length: int = LENGTH) -> Iterator[str]:
    """One random reference after the other, for ever, and slowly growing longer."""
    while True:
        for _ in range(TRIES_OF_ONE_LENGTH):
            yield "".join(secrets.choice(SIGNS) for _ in range(length))
        length += 1


def as_written(heard: str) -> str:
    """The reference somebody means, however they typed it."""
    return heard.strip().upper().translate(AS_HEARD)
