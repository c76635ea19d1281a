"""What is a call for help, told from its text alone, so that it can be told before anything is decoded.

* A command: /panic or /sos, whatever follows it.
* The key of the keyboard, in any language: people change languages, and old keyboards stay.
* A word or phrase of the list, and nothing besides it. "Help" calls; "can you help with the times" does not.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from .folding import fold, fold_label

COMMAND = re.compile(r"\s*/(?:panic|sos)(?:@\w+)?(?:\s+(?P<rest>.*))?\s*", re.IGNORECASE | re.DOTALL)
PRESS = "now"  # what the key under a message carries
LONGEST = 100  # characters; no word or label is longer, and a long text need not be looked at letter by letter


class CallsForHelp:
    """Knows a call for help when it sees one."""

    def __init__(self, words: Mapping[str, Sequence[str]], labels: Iterable[str]) -> None:
        self._words = frozenset(fold(word) for language in words.values() for word in language)
        self._labels = frozenset(fold_label(label) for label in labels)

    def hears(self, text: str) -> bool:
        """Whether `text` calls for help."""
        if COMMAND.fullmatch(text) is not None:
            return True
        return self.knows_word(text) or (len(text) <= LONGEST and fold_label(text) in self._labels)

    def knows_word(self, text: str) -> bool:
        """Whether `text` is a word of the list, which therefore cannot be a safe word."""
        is_command = text.lstrip().startswith("/")  # "/help" asks how this works
        return not is_command and len(text) <= LONGEST and fold(text) in self._words


def beside_the_call(text: str) -> str:
    """What else a call said: the words after the command, nothing for a call of one word."""
    command = COMMAND.fullmatch(text)
    return (command["rest"] or "").strip() if command else ""
