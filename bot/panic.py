"""What is a call for help, told from its text alone, so that it can be told before anything is decoded.

* A command: /panic or /sos, whatever follows it.
* The key of the keyboard, in any language: people change languages, and old keyboards stay.
* Words or phrases of the list, and nothing besides. "Help" calls; "can you help with the times" does not, and neither
  does "/help" in any language, which asks how this works.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from .folding import fold, fold_label
from .phrases import Phrases

UNSEEN = r"\s\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"  # spaces, and the marks of the writing direction
SLASH = rf"[{UNSEEN}]*[/／]+[{UNSEEN}]*"
COMMAND = re.compile(rf"{SLASH}(?:panic|sos)(?:@\w+)?(?P<rest>(?!\w).*)?", re.IGNORECASE | re.DOTALL)
ASKING = re.compile(rf"{SLASH}(?P<name>[^\W_]+)(?:@\w+)?\W*")
ASKS = frozenset(map(fold, ("help", "ayuda", "aide", "ajuda", "مساعدة", "المساعدة", "помощь")))
PRESS = "now"  # what the key under a message carries
LONGEST = 500  # characters; no call is longer, and a long text need not be looked at letter by letter


class CallsForHelp:
    """Knows a call for help when it sees one."""

    def __init__(self, words: Mapping[str, Sequence[str]], labels: Iterable[str]) -> None:
        self._phrases = Phrases(word for language in words.values() for word in language)
        self._labels = frozenset(fold_label(label) for label in labels)

    def hears(self, text: str) -> bool:
        """Whether `text` calls for help."""
        if COMMAND.fullmatch(text) is not None:
            return True
        return self.knows_word(text) or (len(text) <= LONGEST and fold_label(text) in self._labels)

    def knows_word(self, text: str) -> bool:
        """Whether `text` is made of words of the list, and therefore cannot be a safe word."""
        return len(text) <= LONGEST and not _asks(text) and self._phrases.make_up(text)


def beside_the_call(text: str) -> str:
    """What else a call said: the words after the command, nothing for a call of one word."""
    command = COMMAND.fullmatch(text)
    rest = (command["rest"] or "").strip() if command else ""
    return rest if any(unicodedata.category(sign)[0] not in "PZC" for sign in rest) else ""


def _asks(text: str) -> bool:
    """Whether `text` is "/help", in one of our languages."""
    asking = ASKING.fullmatch(text)
    return asking is not None and fold(asking["name"]) in ASKS
