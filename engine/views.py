"""How things stand, in words that a door can show: no row, no address, nothing that decides."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from escalation.incident_state import Phase
from escalation.incident_words import Kind, Outcome
from escalation.people import DefenderId, IncidentId, ResponderId, Role

from .discreet import Discreet


@dataclass(frozen=True, slots=True, repr=False)
class CallView(Discreet):
    """One person who was called."""

    person: ResponderId
    name: str
    role: Role
    tier: str
    times: int
    declined: bool
    out_of_reach: bool


@dataclass(frozen=True, slots=True, repr=False)
class ProposalView(Discreet):
    """Somebody's word on how it ended."""

    number: int
    by: ResponderId
    by_name: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, repr=False)
class NextView(Discreet):
    """What comes next by itself: `what` is a tier's name, "repeat", "lapse", "end_of_chain" or "approval"."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class PlaceView(Discreet):
    """Where the defender last said they were."""

    latitude: float
    longitude: float
    at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class SaidView(Discreet):
    """What the defender last wrote, with whatever else they sent."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class IncidentView(Discreet):
    """One call for help as it stands at `at`.

    `reference` is the short name that people say to each other ("K7Q2"). `due_at` is the missed due time, None for
    other kinds, `slip_at` when something was given for it that was not right. `ticked` are the runbook lines that
    somebody has done. `sent` counts what the defender sent, and `words` are the newest of it that can be read;
    `checked_in_at` is when the agreed sign last came."""

    id: IncidentId
    reference: str
    kind: Kind
    phase: Phase
    at: datetime
    defender: DefenderId
    defender_name: str
    defender_zone: str
    opened_at: datetime
    due_at: datetime | None
    round: int
    calls: tuple[CallView, ...]
    holder: ResponderId | None
    holder_name: str | None
    held_since: datetime | None
    held_until: datetime | None
    last_holder_name: str | None
    proposal: ProposalView | None
    outcome: Outcome | None
    closed_at: datetime | None
    next: NextView | None
    place: PlaceView | None
    ticked: tuple[str, ...]
    covert: bool
    slip_at: datetime | None = None
    steps: tuple[tuple[str, int, datetime | None], ...] = ()  # (tier, how many people, when it was or will be called)
    words: SaidView | None = None
    sent: int = 0
    checked_in_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class WatchView(Discreet):
    """One watch of a defender: `kind` is "daily" or "timer", `phase` a word of escalation.watch.Phase."""

    id: UUID
    kind: str
    phase: str
    due_at: datetime | None
    paused_until: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class DefenderView(Discreet):
    """A defender as their own door sees them.

    `state` is invited, enrolling, active or left. `tiers` are (role, how many people, how long after a missed due
    time) in the order of calling, and never names. `at_once` counts who is called at once for a panic.
    `incident_open` is told while somebody is being enrolled only: nothing that is open shows to anybody else."""

    id: DefenderId
    name: str
    language: str
    zone: str
    state: str
    one_tap: bool
    times: tuple[time, ...]
    has_safe_word: bool
    watches: tuple[WatchView, ...]
    tiers: tuple[tuple[Role, int, float], ...]
    at_once: int
    incident_open: bool
    has_code: bool = False
    agreed: bool = False
    check: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class ResponderView(Discreet):
    """A responder as their own door sees them. `state` is invited, enrolling, active or removed.

    `open` are the open incidents about which this person was alarmed, newest first. `check` are the words that they
    are to read to a coordinator, "" when nobody waits for that."""

    id: ResponderId
    name: str
    language: str
    zone: str
    role: Role
    state: str
    away_until: datetime | None
    open: tuple[IncidentView, ...]
    agreed: bool = False
    check: str = ""
