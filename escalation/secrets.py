"""Secrets: the code and the safe word of one person, what is said by giving one, and what becomes of them when another
is chosen.

Whoever forces somebody may have another code or word chosen, and try it for ever after. So what counts has two sides:

* What *shows* is what was chosen last, whoever chose it. It alone says whether something that is given passes or is
  wrong, for that is all that a phone can tell: after force exactly as after a good row.
* What is *true* is what was chosen last by nobody's force. It alone is good.
* A row with one sign other than the code that shows is wrong, even when it is the true one. Any other row passes: it
  is good where it is the true code, and forced where it is not.
* A word passes where it is the one that shows, and is forced where force has chosen that. The word before it counts no
  more, as after a good row; the true code remains, and with it another word is chosen.
* Whatever is chosen with a good row, or at the beginning, shows and is true.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Verdict(StrEnum):
    """What a code says."""

    GOOD = "good"
    FORCED = "forced"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it is kept, hashed: the one that shows and the one that is true, None when nobody can tell which."""

    shown: str = field(repr=False)
    true: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Word:
    """A safe word as it is kept, hashed."""

    shown: str = field(repr=False)
    forced: bool = False


def code_chosen(before: Code | None, hashed: str, *, forced: bool) -> Code:
    """Another code was chosen, or the first."""
    if forced:
        return Code(hashed, None if before is None else before.true)
    return Code(hashed, hashed)


def row_says(code: Code | None, *, is_one_off: bool, is_true: bool) -> Verdict:
    """What a row says that has one sign other than the code that shows, or not, and is the true code, or not."""
    if code is None or is_one_off:
        return Verdict.WRONG
    return Verdict.GOOD if is_true else Verdict.FORCED


def word_says(word: Word | None, *, is_shown: bool) -> Verdict:
    """What a word says that is the one that shows, or not."""
    if word is None or not is_shown:
        return Verdict.WRONG
    return Verdict.FORCED if word.forced else Verdict.GOOD
