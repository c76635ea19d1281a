"""How people stand, read for whoever runs the instance: names and states, never an address, a word or a place."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from engine.planning import Book, chain_of
from engine.showing import defender_view
from engine.views import WatchView
from escalation.incident_state import call_of
from escalation.people import Role
from store import addresses, incidents, people, spoken_checks
from store.database import Tx
from store.discreet import Discreet
from store.records import DefenderRecord, ResponderRecord

from .printing import instant

WAITS = "waits for the four words"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a person, without the address."""

    channel: str
    verified_at: datetime | None
    last_ok_at: datetime | None

    def __str__(self) -> str:
        worked = f"worked {instant(self.last_ok_at)}" if self.last_ok_at else "not used yet"
        return f"{self.channel} ({worked})"


@dataclass(frozen=True, slots=True)
class ShownWatch:
    """One agreed sign of life."""

    kind: str
    phase: str
    due_at: datetime | None
    paused_until: datetime | None

    def __str__(self) -> str:
        when = f" until {instant(self.paused_until)}" if self.paused_until else f", due {instant(self.due_at)}"
        return self.phase + (when if self.paused_until or self.due_at else "")


@dataclass(frozen=True, slots=True, repr=False)
class ShownDefender(Discreet):
    """A defender as an operator sees them. `tiers` are the names of those who are in each, in the order of calling."""

    id: UUID
    name: str
    state: str
    profile: str
    chain: str
    language: str
    zone: str
    times: tuple[time, ...]
    has_safe_word: bool
    consented_at: datetime | None
    reached_by: tuple[Way, ...]
    watches: tuple[ShownWatch, ...]
    next_due_at: datetime | None
    tiers: dict[str, tuple[str, ...]]
    open_incidents: tuple[str, ...]
    waits_for_check: bool


@dataclass(frozen=True, slots=True, repr=False)
class ShownResponder(Discreet):
    """A responder as an operator sees them. `stands_for` are pairs of (defender, tier) where they were placed."""

    id: UUID
    name: str
    role: Role
    state: str
    language: str
    zone: str
    away_until: datetime | None
    consented_at: datetime | None
    reached_by: tuple[Way, ...]
    stands_for: tuple[tuple[str, str], ...]
    open_incidents: tuple[str, ...]
    waits_for_check: bool


def all_defenders(tx: Tx, book: Book) -> list[ShownDefender]:
    """Every defender, by name."""
    return sorted((one_defender(tx, book, one) for one in people.defenders(tx)), key=lambda one: one.name.casefold())


def one_defender(tx: Tx, book: Book, record: DefenderRecord) -> ShownDefender:
    """One defender."""
    view = defender_view(tx, book, record)
    chain = chain_of(tx, book, record)
    due = [watch.due_at for watch in view.watches if watch.due_at is not None]
    return ShownDefender(
        id=record.id,
        name=record.name,
        state=record.state,
        profile=record.profile,
        chain=record.chain,
        language=record.language,
        zone=record.zone,
        times=record.times,
        has_safe_word=view.has_safe_word,
        consented_at=record.consented_at,
        reached_by=ways(tx, record.id),
        watches=tuple(_shown(watch) for watch in view.watches),
        next_due_at=min(due, default=None),
        tiers={tier.name: tuple(name_of(tx, person) for person in tier.people) for tier in chain.tiers},
        open_incidents=tuple(incidents.reference(tx, one.id) for one in incidents.open_of_defender(tx, record.id)),
        waits_for_check=bool(view.check),
    )


def all_responders(tx: Tx) -> list[ShownResponder]:
    """Every responder, by name."""
    placed = _placed(tx)
    return sorted((_responder(tx, one, placed) for one in people.responders(tx)), key=lambda one: one.name.casefold())


def one_responder(tx: Tx, record: ResponderRecord) -> ShownResponder:
    """One responder."""
    return _responder(tx, record, _placed(tx))


def _responder(tx: Tx, record: ResponderRecord, placed: list[tuple[UUID, str, str]]) -> ShownResponder:
    open_about = incidents.open_about(tx, record.id)
    return ShownResponder(
        id=record.id,
        name=record.name,
        role=record.role,
        state=record.state,
        language=record.language,
        zone=record.zone,
        away_until=record.away_until if record.away_until and record.away_until > tx.now else None,
        consented_at=record.consented_at,
        reached_by=ways(tx, record.id),
        stands_for=tuple((defender, tier) for person, defender, tier in placed if person == record.id),
        open_incidents=tuple(incidents.reference(tx, one.id) for one in open_about if call_of(one, record.id)),
        waits_for_check=spoken_checks.unconfirmed(tx, record.id) is not None,
    )


def state_of(shown: ShownDefender | ShownResponder) -> str:
    """How far somebody has come, in a word or a few."""
    return WAITS if shown.waits_for_check else shown.state


def ways(tx: Tx, person: UUID) -> tuple[Way, ...]:
    """The ways by which a person can be reached now, best first."""
    return tuple(Way(way.channel, way.verified_at, way.last_ok_at) for way in addresses.of_person(tx, person))


def name_of(tx: Tx, person: UUID) -> str:
    """A responder's name."""
    known = people.responder(tx, person)
    return known.name if known else "somebody who was removed"


def _placed(tx: Tx) -> list[tuple[UUID, str, str]]:
    """Rows of (responder, defender's name, tier)."""
    return [
        (person, defender.name, tier)
        for defender in people.defenders(tx)
        for tier, placed in people.placed(tx, defender.id).items()
        for person in placed
    ]


def _shown(watch: WatchView) -> ShownWatch:
    return ShownWatch(watch.kind, watch.phase, watch.due_at, watch.paused_until)
