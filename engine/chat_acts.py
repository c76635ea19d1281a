"""What a door may note in a turn about the chat itself: what is said there, and what is not to stand there."""

from collections.abc import Mapping
from dataclasses import dataclass

from .discreet import Discreet
from .letter import Operation, Words


@dataclass(frozen=True, slots=True, repr=False)
class Say(Discreet):
    """Say something to the person of the turn."""

    operation: Operation
    template: str
    words: Mapping[str, Words]
    message_id: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ForgetMessage(Discreet):
    """Delete a message of the chat."""

    message_id: str


@dataclass(frozen=True, slots=True)
class ChoseTick:
    """Whether a neutral sign is wanted in the chat when somebody has taken an incident."""

    on: bool
