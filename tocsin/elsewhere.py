"""One more sentence under a defender's "noted" while alerting is degraded: what else to use.

It is added where a text becomes words, and there nothing is known of what was given, nor of any incident: after a good
code, a forced one, a wrong one and a call for help the bytes are the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from store.discreet import Discreet

NOTED, ELSEWHERE = "defender.noted", "defender.elsewhere"


class Say(Protocol):
    """Whoever knows the texts."""

    def __call__(self, language: str, key: str, /, *, count: int | None = None, **words: object) -> str:
        """The text `key` in `language`."""


def _never() -> bool:
    return False


@dataclass(slots=True, repr=False)
class Elsewhere(Discreet):
    """The defenders' texts, with the sentence where it is due. `other` is what else to use, in the operator's words;
    None: the sentence is never said. `is_degraded` is set once it is known who can say so."""

    say: Say
    other: str | None
    is_degraded: Callable[[], bool] = _never

    def __call__(self, language: str, key: str, /, *, count: int | None = None, **words: object) -> str:
        """The text `key` in `language`."""
        text = self.say(language, key, count=count, **words)
        if key != NOTED or self.other is None or not self.is_degraded():
            return text
        return f"{text}\n\n{self.say(language, ELSEWHERE, other=self.other)}"
