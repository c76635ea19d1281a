"""What can happen to an incident (events, past facts) and what it can order (effects)."""

from dataclasses import dataclass
from datetime import datetime

from .answers import Answer as Answer
from .answers import Truth as Truth
from .kinds import Kind as Kind
from .kinds import Outcome as Outcome
from .news import News as News
from .people import ResponderId, Role

# Events


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing but time: the bell has rung."""


@dataclass(frozen=True, slots=True)
class TookIt:
    """A responder pressed "on it"."""

    by: ResponderId


@dataclass(frozen=True, slots=True)
class Declined:
    """A responder pressed "cannot"; from the holder it gives the incident back."""

    by: ResponderId


@dataclass(frozen=True, slots=True)
class Saw:
    """A responder pressed "seen"."""

    by: ResponderId


@dataclass(frozen=True, slots=True)
class Reported:
    """A responder told what they found out; from the holder it is news."""

    by: ResponderId


@dataclass(frozen=True, slots=True)
class WroteByMail:
    """By a link in a mail it was said that a responder has seen it, or that they `cannot`. Mail is read by others on
    its way: it is told, and nothing depends on it."""

    by: ResponderId
    cannot: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """A responder said how it ended."""

    by: ResponderId
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A responder agreed to the proposal whose number they had before them."""

    by: ResponderId
    proposal: int


@dataclass(frozen=True, slots=True)
class Disputed:
    """A responder did not agree to the proposal whose number they had before them."""

    by: ResponderId
    proposal: int


@dataclass(frozen=True, slots=True)
class Approved:
    """A coordinator let the tier be called that waits for it; `round` and `step` are what they had before them."""

    by: ResponderId
    round: int
    step: int


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """No channel of this person works, or they are away."""

    person: ResponderId


@dataclass(frozen=True, slots=True)
class BackInReach:
    """This person can be called again."""

    person: ResponderId


@dataclass(frozen=True, slots=True)
class NobodyToApprove:
    """No coordinator can be reached by the question whether the next step may be called."""


@dataclass(frozen=True, slots=True)
class CoordinatorJoined:
    """Somebody became a coordinator while the incident was open: people are added, never only at the beginning."""

    person: ResponderId


@dataclass(frozen=True, slots=True)
class DefenderCheckedIn:
    """The defender gave the agreed sign while the incident was open; `forced` when the code says that they had to, and
    `beside_covert` when another call for them is open in which they said so before."""

    forced: bool = False
    beside_covert: bool = False


@dataclass(frozen=True, slots=True)
class DefenderStillSilent:
    """The defender missed a further due time."""


@dataclass(frozen=True, slots=True)
class DefenderCalledAgain:
    """The defender called for help once more."""


@dataclass(frozen=True, slots=True)
class DefenderSent:
    """The defender sent a text, a place, a picture or a voice message."""


Event = (
    TimePassed
    | TookIt
    | Declined
    | Saw
    | Reported
    | WroteByMail
    | Closed
    | Confirmed
    | Disputed
    | Approved
    | OutOfReach
    | BackInReach
    | CoordinatorJoined
    | NobodyToApprove
    | DefenderCheckedIn
    | DefenderStillSilent
    | DefenderCalledAgain
    | DefenderSent
)


# Effects. `to` and `people` are never empty and hold nobody twice.


@dataclass(frozen=True, slots=True)
class Ask:
    """Call these people of one tier; each pair is (person, which call of theirs this is, from 1).

    Above 1 the message must say that it is a repeat. `held` when somebody has the incident meanwhile."""

    step: int
    tier: str
    role: Role
    people: tuple[tuple[ResponderId, int], ...]
    held: bool


@dataclass(frozen=True, slots=True)
class AskApproval:
    """Ask the coordinators whether the tier of `step` may be called; after `until` and any hold it is."""

    round: int
    step: int
    tier: str
    until: datetime
    to: tuple[ResponderId, ...]


@dataclass(frozen=True, slots=True)
class TellEndOfChain:
    """The whole chain has been called in this round and nobody has it: call the coordinators, pairs as in Ask."""

    round: int
    people: tuple[tuple[ResponderId, int], ...]


@dataclass(frozen=True, slots=True)
class TellHeld:
    """Tell the others who has it."""

    holder: ResponderId
    until: datetime
    to: tuple[ResponderId, ...]


@dataclass(frozen=True, slots=True)
class TellLapsed:
    """Tell the one who had it that the hold went quiet and everybody is being called again."""

    to: ResponderId


@dataclass(frozen=True, slots=True)
class AskSecond:
    """Ask for a second person to agree to proposal `number` of `by`."""

    number: int
    by: ResponderId
    outcome: Outcome
    to: tuple[ResponderId, ...]


@dataclass(frozen=True, slots=True)
class TellDisputed:
    """`by` did not agree; the incident goes on."""

    by: ResponderId
    to: tuple[ResponderId, ...]


@dataclass(frozen=True, slots=True)
class PassOn:
    """Pass news on; `by` is the responder who reported it, None when it came from the defender."""

    news: News
    to: tuple[ResponderId, ...]
    by: ResponderId | None = None


@dataclass(frozen=True, slots=True)
class AllClear:
    """Tell everyone who was alarmed how it ended; `by` is empty when a check-in ended it."""

    outcome: Outcome
    by: tuple[ResponderId, ...]
    to: tuple[ResponderId, ...]


Effect = (
    Ask | AskApproval | TellEndOfChain | TellHeld | TellLapsed | AskSecond | TellDisputed | PassOn | AllClear | Answer
)
