"""What the engine asks of a door: glance at an update, read it into a turn, greet a stranger."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .discreet import Discreet
from .turn import Turn

Update = Mapping[str, Any]  # one decoded update of the messenger, as it came


class Unreadable(Exception):
    """The library cannot decode this update. It is set aside and counted; nothing else stops for it."""


@dataclass(frozen=True, slots=True, repr=False)
class Glance(Discreet):
    """What can be told from an update without any library.

    `chat` is the sender's private chat, None when there is none to be found. `urgent` when it is a call for help.
    `code` is the code of a "/start CODE". `press` is the id of a press, `button` what the pressed button carries.
    `elsewhere` when it comes from a group or a channel, where nobody speaks with us."""

    chat: str | None
    urgent: bool = False
    code: str | None = None
    press: str | None = None
    button: str | None = None
    elsewhere: bool = False


class Door(Protocol):
    """One side's bot, without its polling."""

    source: str

    def glance(self, update: Update) -> Glance:
        """A tolerant first look at anything that came; never raises."""

    async def read(self, update: Update, turn: Turn) -> None:
        """Translate the update into acts of `turn`. Raises Unreadable, and whatever a fault of ours raises."""

    async def greet_stranger(self, chat: str) -> None:
        """Send the one constant reply to somebody we do not know; failures are swallowed."""
