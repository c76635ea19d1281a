"""The people of the stories, and an incident or a watch to whom things happen while the clock is pushed forward."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from escalation import incident as incident_machine
from escalation import incident_words as said
from escalation import watch as watch_machine
from escalation import watch_words
from escalation.incident_state import Incident
from escalation.incident_words import Kind
from escalation.ladder import Chain, Ladder, Pace, Plan, Tier, plan
from escalation.people import DefenderId, IncidentId, ResponderId, Role, WatchId
from escalation.watch import Watch

ANA = DefenderId(UUID(int=1))
BO, CLEO, DARA, COORDINATOR, LEAD, DIRECTOR, MAX = (ResponderId(UUID(int=number)) for number in range(11, 18))
ROUTINE, TIMER, CASE = WatchId(UUID(int=31)), WatchId(UUID(int=32)), IncidentId(UUID(int=41))

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEFORE_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def at(text: str) -> datetime:
    """An instant, from ISO 8601 with its offset."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None
    return moment.astimezone(UTC)


CALM = Pace(reminders=(minutes(-60), minutes(-10), minutes(0), minutes(10), minutes(20)), grace=minutes(30))

CONTACTS = Tier("contacts", Role.CONTACT, (BO,))
COLLEAGUES = Tier("colleagues", Role.COLLEAGUE, (CLEO,))
LAWYERS = Tier("lawyers", Role.LAWYER, (DARA,))
ON_DUTY = ((Role.COORDINATOR, COORDINATOR), (Role.LEAD, LEAD), (Role.DIRECTOR, DIRECTOR))

MISSED = Ladder(tiers=(minutes(0), minutes(30), minutes(90)), repeat_every=minutes(10))
PANIC = Ladder(
    tiers=(minutes(0), minutes(5), minutes(10)),
    overseers=((Role.COORDINATOR, minutes(0)), (Role.LEAD, minutes(60)), (Role.DIRECTOR, minutes(90))),
)


def three_tiers(ladder: Ladder, *tiers: Tier) -> Plan:
    """Bo, then Cleo, then Dara, unless other tiers are named."""
    return plan(ladder, Chain(tiers or (CONTACTS, COLLEAGUES, LAWYERS)), ON_DUTY)


@dataclass
class Call:
    """One incident from its opening on; `heard` holds pairs of (when, what was ordered).

    Whoever is in `out` cannot be reached: the incident learns it in the same moment in which it calls them."""

    plan: Plan
    kind: Kind = Kind.PANIC
    now: datetime = MONDAY
    out: Collection[ResponderId] = ()
    heard: list[tuple[datetime, said.Effect]] = field(default_factory=list)
    incident: Incident = field(init=False)

    def __post_init__(self) -> None:
        self.incident, effects = incident_machine.open_incident(CASE, ANA, self.kind, self.plan, self.now)
        self._hear(effects)

    def happens(self, event: said.Event) -> tuple[said.Effect, ...]:
        """Let `event` happen now; gives what it ordered, with all that followed in the same moment."""
        known = len(self.heard)
        self.incident, effects = incident_machine.decide(self.incident, event, self.now)
        self._hear(effects)
        return tuple(effect for _, effect in self.heard[known:])

    def passes(self, length: timedelta) -> tuple[said.Effect, ...]:
        """Let time pass, with the bell rung whenever the incident asked for it; gives what was ordered meanwhile."""
        known, end = len(self.heard), self.now + length
        while (wake := incident_machine.wakes_at(self.incident)) is not None and wake <= end:
            self.ring(wake)
        self.now = end
        return tuple(effect for _, effect in self.heard[known:])

    def ring(self, wake: datetime) -> None:
        """Ring the bell once. The incident must then ask for a later one: else it would be rung for ever."""
        self.now = max(self.now, wake)
        self.happens(said.TimePassed())
        following = incident_machine.wakes_at(self.incident)
        assert following is None or following > wake

    def called_at(self, person: ResponderId) -> list[datetime]:
        """When this person was called."""
        return [when for when, effect in self.heard for one, _ in called_by(effect) if one == person]

    def _hear(self, effects: tuple[said.Effect, ...]) -> None:
        self.heard += [(self.now, effect) for effect in effects]
        for person in [person for effect in effects for person, _ in called_by(effect) if person in self.out]:
            self.happens(said.OutOfReach(person))


def called_by(effect: said.Effect) -> tuple[tuple[ResponderId, int], ...]:
    """Whom the effect calls: pairs of (person, which call of theirs it is)."""
    return effect.people if isinstance(effect, said.Ask | said.TellEndOfChain) else ()


def callees(effects: Collection[said.Effect]) -> list[ResponderId]:
    """Who was called, in order."""
    return [person for effect in effects for person, _ in called_by(effect)]


@dataclass
class Life:
    """One watch and what it orders while its defender lives on; `heard` holds pairs of (when, what was ordered)."""

    watch: Watch
    now: datetime
    heard: list[tuple[datetime, watch_words.Effect]] = field(default_factory=list)

    def happens(self, event: watch_words.Event) -> tuple[watch_words.Effect, ...]:
        """Let `event` happen now; gives what it ordered."""
        self.watch, effects = watch_machine.decide(self.watch, event, self.now)
        self.heard += [(self.now, effect) for effect in effects]
        return effects

    def until(self, end: datetime) -> tuple[watch_words.Effect, ...]:
        """Let time pass up to `end`, with the bell rung whenever the watch asked for it; gives what was ordered."""
        known = len(self.heard)
        while (wake := watch_machine.wakes_at(self.watch)) is not None and wake <= end:
            self.ring(wake)
        self.now = end
        return tuple(effect for _, effect in self.heard[known:])

    def ring(self, wake: datetime) -> None:
        """Ring the bell once. The watch must then ask for a later one: else it would be rung for ever."""
        self.now = max(self.now, wake)
        self.happens(watch_words.TimePassed())
        following = watch_machine.wakes_at(self.watch)
        assert following is None or following > wake
