"""Names in a letter: kept as whose they are, and read when the letter is composed.

What waits to be said names nobody, and whoever is erased is gone from all of it.
"""

from collections.abc import Mapping
from uuid import UUID

from store import people
from store.database import Tx

from .letter import Words

NOBODY = "?"  # the name of somebody who is not known any more


def name_of(person: UUID) -> dict[str, Words]:
    """A word that becomes the name of this person."""
    return {"name_of": str(person)}


def with_names(tx: Tx, words: Mapping[str, Words]) -> dict[str, Words]:
    """The words with every name filled in."""
    return {key: _filled(tx, word) for key, word in words.items()}


def _filled(tx: Tx, word: Words) -> Words:
    match word:
        case {"name_of": str(person), **more} if not more:
            return people.name(tx, UUID(person)) or NOBODY
        case dict():
            return with_names(tx, word)
        case list():
            return [_filled(tx, each) for each in word]
        case _:
            return word
