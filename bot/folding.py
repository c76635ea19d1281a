"""Letting words be the same however they were typed: letter case, accents, spaces and signs around them.

Arabic letters that people write for one another, at the end of a word or on a neighbour's keyboard, are one.
"""

import unicodedata

APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})
TATWEEL = "ـ"  # stretches an Arabic word, and says nothing
LOOKALIKES = str.maketrans({"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك"})


def fold(text: str) -> str:
    """`text` without the differences between two ways of typing it; what is nothing but signs keeps them."""
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", _plain(text)).casefold())
        if unicodedata.category(letter) not in ("Mn", "Cf") and letter != TATWEEL
    )
    spaced = " ".join(bare.translate(LOOKALIKES).split())
    first = next((place for place, letter in enumerate(spaced) if _speaks(letter)), None)
    if first is None:
        return spaced
    last = max(place for place, letter in enumerate(spaced) if _speaks(letter))
    return spaced[first : last + 1]


def fold_label(text: str) -> str:
    """`text` as the label of a key: the signs around it belong to it."""
    bare = "".join(letter for letter in text if unicodedata.category(letter) not in ("Mn", "Cf"))
    return " ".join(unicodedata.normalize("NFC", bare).casefold().split())


def _plain(text: str) -> str:
    return text.translate(APOSTROPHES)


def _speaks(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LN"
