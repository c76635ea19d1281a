"""What somebody may send in place of a button of theirs: one that was pressed, changed, made up, or is another's."""

import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from uuid import UUID

from responders.presses import Action, written
from store.presses import ID_BYTES

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
ACTS = [Action.ON_IT, Action.CANNOT, Action.SEEN, Action.CLOSE, Action.CONFIRM, Action.DISPUTE, Action.APPROVE]
SEEN = ["safe", "false_alarm", "confirmed", "handed_over", "0", "1", "2:1", "1:0", "panic.ring"]
STRANGE = ["", "a", "o", "a:", "o:x", "\x00", "🌙" * 16, "\ud800", "\u202e", "A" * 64, "a" + "=" * 43, "ä" * 44]


def flipped(chance: random.Random, token: str) -> str:
    """The token with one bit of its letters' six changed."""
    place = chance.randrange(1, len(token))
    other = LETTERS[LETTERS.index(token[place]) ^ (1 << chance.randrange(6))]
    return token[:place] + other + token[place + 1 :]


def crossed(one: str, other: str) -> str:
    """The id of one token with the MAC of another."""
    raw = urlsafe_b64decode(f"{one[1:]}=")[:ID_BYTES] + urlsafe_b64decode(f"{other[1:]}=")[ID_BYTES:]
    return "a" + urlsafe_b64encode(raw).decode().rstrip("=")


def made_up(chance: random.Random) -> str:
    """A token that nobody made."""
    return "a" + "".join(chance.choices(LETTERS, k=42)) + chance.choice(LETTERS[::4])


def data(chance: random.Random, mine: list[str], others: list[str], incident: UUID) -> Iterator[str]:
    """For ever: data of buttons, none of which is one that may be pressed."""
    while True:
        yield chance.choice(others)
        yield flipped(chance, chance.choice(mine + others))
        yield crossed(*chance.sample(mine + others, 2))
        yield made_up(chance)
        yield written(chance.choice(ACTS), incident, chance.choice(SEEN))
        yield written(chance.choice([Action.LEAVE, Action.AGREE]), None)
        yield chance.choice(mine)[: chance.randrange(44)]
        yield chance.choice(mine) + chance.choice(LETTERS)
        yield chance.choice(STRANGE)
