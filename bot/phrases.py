"""Listed phrases, found in a text that says nothing else, however it was hammered into the phone.

People who call for help repeat themselves ("sos! sos!", "helphelp", 🆘🆘), lean on a key ("heeelp"), spell a word out
("s-o-s") or put two calls behind each other. Signs between the words count for nothing; any other word for everything.
"""

import re
from collections.abc import Iterable
from itertools import groupby

from .folding import fold

Words = tuple[str, ...]

WORD = r"[^\W_]+"
LEANED_ON = re.compile(r"(\w)\1\1")  # no word of ours has a letter three times in a row
AGAIN = re.compile(r"(\w{2,}?)\1+")


class Phrases:
    """Knows whether a text is made of the listed phrases alone."""

    def __init__(self, phrases: Iterable[str]) -> None:
        folded = {fold(phrase) for phrase in phrases}
        signs = {sign for phrase in folded if not re.search(WORD, phrase) for sign in phrase if not sign.isspace()}
        self._word = re.compile("|".join([WORD, *map(re.escape, sorted(signs))]))
        exact = {self._words(phrase) for phrase in folded}
        self._known = exact | {tuple(map(_squeezed, phrase)) for phrase in exact}
        self._longest = max(map(len, self._known), default=0)

    def make_up(self, text: str) -> bool:
        """Whether `text` is one or more of the phrases, and nothing besides."""
        words = self._words(fold(text))
        return bool(words) and (self._are_known(words) or _spelled(words) in self._known)

    def _words(self, folded: str) -> Words:
        return tuple(map(_as_meant, self._word.findall(folded)))

    def _are_known(self, words: Words) -> bool:
        ends = {0}
        for end in range(1, len(words) + 1):
            if any(start in ends and words[start:end] in self._known for start in range(end - self._longest, end)):
                ends.add(end)
            elif end - max(ends) >= self._longest:
                return False
        return len(words) in ends


def _as_meant(word: str) -> str:
    """A word without what a hurried finger adds."""
    once = AGAIN.fullmatch(word)
    word = once[1] if once else word
    return _squeezed(word) if LEANED_ON.search(word) else word


def _squeezed(word: str) -> str:
    """A word with each letter once where it stands several times in a row."""
    return "".join(letter for letter, _ in groupby(word))


def _spelled(words: Words) -> Words:
    """Single letters as the word that they spell."""
    return ("".join(words),) if all(len(word) == 1 for word in words) else ()
