"""Where updates come from."""

from dataclasses import dataclass

from .discreet import Discreet
from .door import Door


@dataclass(frozen=True, slots=True, repr=False)
class Source(Discreet):
    """One bot to poll: its door, its token and the base URL of its Bot API. Without a token it is fed by webhook."""

    door: Door
    token: str | None
    api: str
