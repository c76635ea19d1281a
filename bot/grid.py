"""The grid: a code is tapped, not typed. Twelve signs in an order that is another each time.

A button carries a nonce that says nothing and counts once; which nonce is which sign, and what has been tapped, stands
in the dialogue of the turn and nowhere in the chat. There is only seen how many taps were made. The signs keep their
places while a row is tapped, and earlier nonces stay good for it, so that no tap of a quick finger is lost.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from engine.discreet import Discreet
from engine.letter import Words

SIGNS = ("🌙", "🌵", "🐟", "🍋", "🎈", "🔑", "🚲", "⛵", "🌻", "🐌", "🌊", "🍄")  # public; no order, no direction
TAPS = 4
IN_A_ROW = 3
NONCE_BYTES = 12
MADE, OPEN = "●", "○"


class Step(StrEnum):
    """What a row is tapped for."""

    WISH = "wish"
    OLD = "old"
    FIRST = "first"
    AGAIN = "again"


@dataclass(slots=True, repr=False)
class Grid(Discreet):
    """A row that is being tapped."""

    step: Step
    order: list[int]
    keys: dict[str, int] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    taps: list[int] = field(default_factory=list)

    @classmethod
    def fresh(cls, step: Step) -> Self:
        """A new one, shuffled."""
        order = list(range(len(SIGNS)))
        secrets.SystemRandom().shuffle(order)
        return cls(step, order)

    @classmethod
    def within(cls, data: Mapping[str, Words]) -> Self | None:
        """The one that stands in the data of a dialogue, None when there is none."""
        match data.get("grid"):
            case {"step": str(step), "order": list(order), "keys": dict(keys), "used": list(used), "taps": list(taps)}:
                signs = {nonce: sign for nonce, sign in keys.items() if isinstance(sign, int)}
                return cls(Step(step), _numbers(order), signs, [str(nonce) for nonce in used], _numbers(taps))
            case _:
                return None

    def tap(self, nonce: str) -> bool:
        """Whether this button belongs to this row; a new tap counts, the same one again does not."""
        if nonce not in self.keys:
            return False
        if nonce not in self.used and len(self.taps) < TAPS:
            self.used.append(nonce)
            self.taps.append(self.keys[nonce])
        return True

    def shown(self) -> dict[str, Words]:
        """The words of a letter that shows it, with a new nonce for each sign."""
        dealt = {secrets.token_urlsafe(NONCE_BYTES): sign for sign in self.order}
        self.keys |= dealt
        keys: list[Words] = [[SIGNS[sign], nonce] for nonce, sign in dealt.items()]
        return {"made": MADE * len(self.taps) + OPEN * (TAPS - len(self.taps)), "keys": keys}

    def as_words(self) -> Words:
        """As it stands in the data of a dialogue."""
        return {
            "step": self.step.value,
            "order": list(self.order),
            "keys": dict(self.keys),
            "used": list(self.used),
            "taps": list(self.taps),
        }


def _numbers(words: list[Words]) -> list[int]:
    return [word for word in words if isinstance(word, int)]
