"""What a channel is handed, and the three ways in which it may fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable
from uuid import UUID

from store.records import Words as Words

from .discreet import Discreet
from .views import IncidentView


class Operation(StrEnum):
    """What is to be done in the chat."""

    SEND = "send"
    EDIT = "edit"
    DELETE = "delete"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, repr=False)
class Letter(Discreet):
    """One thing to do in one person's chat.

    `template` names a text of the catalogue; `words` fill it, with instants in ISO 8601 and UTC. `incident` is how the
    incident stands at the moment of sending, None where there is none. `message_id` is the message to edit or delete,
    or the press to answer. `sign`: whether a defender has a key for checking in, None for whoever has no keys at all
    under their chat. `maybe_repeat` when an earlier try may have arrived: the text must say so. `tokens` are what
    the buttons carry that act, by what they say; see `Buttoned`."""

    key: int
    operation: Operation
    template: str
    words: Mapping[str, Words]
    language: str
    zone: str
    incident: IncidentView | None = None
    message_id: str | None = None
    maybe_repeat: bool = False
    person: UUID | None = None
    sign: bool | None = None
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Receipt(Discreet):
    """The channel has taken it. `message_id` is the messenger's own name for it, None for an edit or a deletion.

    `carries_keys` when the keys under the chat hang on that message."""

    message_id: str | None = None
    carries_keys: bool = False


class DeliveryFailure(Exception):
    """The letter was not taken. `reason` is a word for the journal, never an address or a text."""

    outcome = "unknown"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TemporaryFailure(DeliveryFailure):
    """Certainly not taken, but may be later; after `retry_in` seconds where the messenger said so."""

    outcome = "temp"

    def __init__(self, reason: str, retry_in: float | None = None) -> None:
        super().__init__(reason)
        self.retry_in = retry_in


class PermanentFailure(DeliveryFailure):
    """Will never be taken. `address_is_dead` when nothing at all will be taken there any more.

    `moved_to` is the address that replaces it, where the messenger named one."""

    outcome = "perm"

    def __init__(self, reason: str, *, address_is_dead: bool = False, moved_to: str | None = None) -> None:
        super().__init__(reason)
        self.address_is_dead = address_is_dead
        self.moved_to = moved_to


class OutcomeUnknown(DeliveryFailure):
    """Nobody can say whether it was taken: the connection broke, or no answer came in time."""


class Channel(Protocol):
    """One way to reach a person."""

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        """Hand `letter` to the messenger for `address`.

        Returns when it has been taken, within 10 s. Raises TemporaryFailure, PermanentFailure or OutcomeUnknown, and
        nothing else. `letter.key` is the same on every try of one delivery."""


@runtime_checkable
class Buttoned(Protocol):
    """A channel whose letters have buttons, or a link, by which their reader acts."""

    def buttons(self, letter: Letter) -> tuple[str, ...]:
        """What each of them says; every try of the letter is given a one-time token for each. Pure."""


class Attachment(Protocol):
    """What a defender sent along, fetched when a responder's channel wants to pass it on."""

    async def fetch(self, file_id: str) -> bytes:
        """The file behind the defenders' messenger's `file_id`; raises DeliveryFailure."""
