"""What a door may note in a turn. Past facts about what a person did, in the words of the field."""

from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum

from escalation.incident_words import Outcome
from escalation.people import IncidentId

from .chat_acts import ChoseTick as ChoseTick
from .chat_acts import ForgetMessage as ForgetMessage
from .chat_acts import Say as Say
from .coded_acts import Asked as Asked
from .coded_acts import ChoseCode as ChoseCode
from .coded_acts import CodedAct
from .coded_acts import EndedPause as EndedPause
from .coded_acts import KeptAsItIs as KeptAsItIs
from .discreet import Discreet

# Defenders


class SentKind(StrEnum):
    """What was sent along."""

    TEXT = "text"
    PLACE = "place"
    PHOTO = "photo"
    VOICE = "voice"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, repr=False)
class Sent(Discreet):
    """A text, a place or a file from the defender. `file_id` is their messenger's; `live` says that the place moves."""

    kind: SentKind
    text: str = ""
    latitude: float | None = None
    longitude: float | None = None
    live: bool = False
    file_id: str | None = None
    file_name: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CalledForHelp(Discreet):
    """Panic. `sent` is what came with it."""

    sent: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class GaveSign:
    """A good check-in."""


@dataclass(frozen=True, slots=True, repr=False)
class SentAlong(Discreet):
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


@dataclass(frozen=True, slots=True, repr=False)
class ChoseTimes(Discreet):
    """Other daily times."""

    times: tuple[time, ...]


@dataclass(frozen=True, slots=True, repr=False)
class ChoseZone(Discreet):
    """Another time zone, an IANA name."""

    zone: str


@dataclass(frozen=True, slots=True, repr=False)
class ChoseLanguage(Discreet):
    """Another language, of either side."""

    language: str


@dataclass(frozen=True, slots=True, repr=False)
class ChoseSafeWord(Discreet):
    """A new safe word, already hashed."""

    hashed: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """Consent was given; the person is active from now on."""


@dataclass(frozen=True, slots=True)
class Left:
    """The person takes no part any more."""


# Responders


@dataclass(frozen=True, slots=True, repr=False)
class UsedButton(Discreet):
    """A button of theirs was pressed, by `key`. What follows in the turn counts only if it was not used before; if it
    was, they are told how things stand with `incident`."""

    key: str
    incident: IncidentId | None = None


@dataclass(frozen=True, slots=True)
class PressedAgain:
    """A button that has done its work was pressed once more: they are told how things stand."""

    incident: IncidentId | None = None


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


@dataclass(frozen=True, slots=True, repr=False)
class Reported(Discreet):
    """News about the incident; `text` goes to the others who were alarmed."""

    incident: IncidentId
    text: str


@dataclass(frozen=True, slots=True)
class PressedClose:
    """Closed with an outcome."""

    incident: IncidentId
    outcome: Outcome


@dataclass(frozen=True, slots=True, repr=False)
class PressedConfirm(Discreet):
    """Agreed to the proposal to close that was before them."""

    incident: IncidentId
    proposal: int


@dataclass(frozen=True, slots=True, repr=False)
class PressedDispute(Discreet):
    """Did not agree."""

    incident: IncidentId
    proposal: int


@dataclass(frozen=True, slots=True, repr=False)
class PressedApprove(Discreet):
    """Let the waiting tier be called."""

    incident: IncidentId
    round: int
    step: int


@dataclass(frozen=True, slots=True, repr=False)
class TickedRunbook(Discreet):
    """A line of the verification runbook was done; `line` is its key."""

    incident: IncidentId
    line: str


@dataclass(frozen=True, slots=True)
class AskedForSent:
    """Wants to have what the defender sent, each thing by itself."""

    incident: IncidentId


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
    | ChoseTimes
    | ChoseZone
    | ChoseSafeWord
    | CodedAct
    | ChoseTick
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
    | AskedForSent
    | UsedButton
    | PressedAgain
    | WentAway
    | CameBack
)
Act = Say | ForgetMessage | ChoseLanguage | Agreed | Left | DefenderAct | ResponderAct
