"""Where updates come from."""

from dataclasses import dataclass

from .discreet import Discreet
from .door import Door


@dataclass(frozen=True, slots=True, repr=False)
class Source(Discreet):
    """One bot to poll: its door, its token and the base URL of its Bot API. Without a token it is fed by webhook.

    `is_one_of_several` when its side has other bots, which must not fall silent with this one."""

    door: Door
    token: str | None
    api: str
    is_one_of_several: bool = False
