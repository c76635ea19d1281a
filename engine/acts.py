"""What a door may note in a turn. Past facts about what a person did, in the words of the field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

from escalation.incident_words import Outcome
from escalation.people import IncidentId

from .letter import Operation, Words


@dataclass(frozen=True, slots=True)
class Say:
    """Say something to the person of the turn."""

    operation: Operation
    template: str
    words: Mapping[str, Words]
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class ForgetMessage:
    """Delete a message of the chat."""

    message_id: str


# Defenders


class SentKind(StrEnum):
    """What was sent along."""

    TEXT = "text"
    PLACE = "place"
    PHOTO = "photo"
    VOICE = "voice"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Sent:
    """A text, a place or a file from the defender. `file_id` is their messenger's; `live` says that the place moves."""

    kind: SentKind
    text: str = ""
    latitude: float | None = None
    longitude: float | None = None
    live: bool = False
    file_id: str | None = None
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class CalledForHelp:
    """Panic. `sent` is what came with it."""

    sent: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class GaveSign:
    """A good check-in."""


@dataclass(frozen=True, slots=True)
class SentAlong:
    """Something for whoever was or will be alarmed."""

    sent: Sent


@dataclass(frozen=True, slots=True)
class AskedForTime:
    """/later"""

    by: timedelta


@dataclass(frozen=True, slots=True)
class SetTimer:
    """/timer"""

    length: timedelta


@dataclass(frozen=True, slots=True)
class AskedForPause:
    """/pause, with the right safe word."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class EndedPause:
    """The pause was ended by hand."""


@dataclass(frozen=True, slots=True)
class ChoseTimes:
    """Other daily times."""

    times: tuple[time, ...]


@dataclass(frozen=True, slots=True)
class ChoseZone:
    """Another time zone, an IANA name."""

    zone: str


@dataclass(frozen=True, slots=True)
class ChoseLanguage:
    """Another language, of either side."""

    language: str


@dataclass(frozen=True, slots=True)
class ChoseSafeWord:
    """A new safe word, already hashed."""

    hashed: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """Consent was given; the person is active from now on."""


@dataclass(frozen=True, slots=True)
class Left:
    """The person takes no part any more."""


# Responders


@dataclass(frozen=True, slots=True)
class PressedOnIt:
    """ "On it"."""

    incident: IncidentId


@dataclass(frozen=True, slots=True)
class PressedCannot:
    """ "Cannot"."""

    incident: IncidentId


@dataclass(frozen=True, slots=True)
class PressedSeen:
    """ "Seen"."""

    incident: IncidentId


@dataclass(frozen=True, slots=True)
class Reported:
    """News about the incident; `text` goes to the others who were alarmed."""

    incident: IncidentId
    text: str


@dataclass(frozen=True, slots=True)
class PressedClose:
    """Closed with an outcome."""

    incident: IncidentId
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PressedConfirm:
    """Agreed to the proposal to close that was before them."""

    incident: IncidentId
    proposal: int


@dataclass(frozen=True, slots=True)
class PressedDispute:
    """Did not agree."""

    incident: IncidentId
    proposal: int


@dataclass(frozen=True, slots=True)
class PressedApprove:
    """Let the waiting tier be called."""

    incident: IncidentId
    round: int
    step: int


@dataclass(frozen=True, slots=True)
class TickedRunbook:
    """A line of the verification runbook was done; `line` is its key."""

    incident: IncidentId
    line: str


@dataclass(frozen=True, slots=True)
class WentAway:
    """/away"""

    length: timedelta


@dataclass(frozen=True, slots=True)
class CameBack:
    """/back"""


DefenderAct = (
    CalledForHelp
    | GaveSign
    | SentAlong
    | AskedForTime
    | SetTimer
    | AskedForPause
    | EndedPause
    | ChoseTimes
    | ChoseZone
    | ChoseSafeWord
)
ResponderAct = (
    PressedOnIt
    | PressedCannot
    | PressedSeen
    | Reported
    | PressedClose
    | PressedConfirm
    | PressedDispute
    | PressedApprove
    | TickedRunbook
    | WentAway
    | CameBack
)
Act = Say | ForgetMessage | ChoseLanguage | Agreed | Left | DefenderAct | ResponderAct
