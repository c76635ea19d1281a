"""Who is there: drawn with the seed, enrolled in the store as if they had followed their invitations long ago."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from escalation import watch as watch_machine
from escalation.people import Role, WatchId
from escalation.routine import Daily
from rehearsal.phone import Phone
from store import addresses, codes, people, watches
from store.database import Store, Tx
from store.words import hash_code, hash_word

from .build import book
from .world import World

ZONES = ("UTC", "Europe/Paris", "America/New_York", "America/Bogota", "Asia/Kolkata", "Africa/Cairo", "Asia/Tehran")
WORD = "maple"
CODE, SLIP, FORCED = (0, 1, 2, 3), (0, 1, 2, 9), (7, 7, 8, 6)
SHARED = {Role.LAWYER, Role.PARTNER, Role.COORDINATOR, Role.LEAD, Role.DIRECTOR}
TIERS = {Role.CONTACT: "contacts", Role.COLLEAGUE: "colleagues"}


@dataclass(eq=False)
class Responder:
    """Somebody who may be called. `out` says why they cannot be at the moment, "" when they can."""

    name: str
    role: Role
    phone: Phone
    out: str = ""
    back_at: float = 0.0  # when they could be called again, in the loop's seconds
    id: UUID | None = None

    @property
    def shared(self) -> bool:
        """Whether they are called for everybody."""
        return self.role in SHARED


@dataclass(eq=False)
class Defender:
    """Somebody at risk, and what is agreed with them."""

    name: str
    phone: Phone
    zone: str
    times: tuple[time, ...]
    profile: str
    has_code: bool
    chain: list[Responder] = field(default_factory=list)
    strays: bool = False  # is in another zone by now, and their times with them
    id: UUID | None = None

    @property
    def grace(self) -> timedelta:
        """How long after the due time the alarm is raised."""
        return book().profile(self.profile).pace.grace

    def dues(self, begin: datetime, end: datetime) -> list[datetime]:
        """Every due time in between."""
        routine, found, at = Daily(self.times, self.zone), [], begin
        while (at := routine.next_due(at)) < end:
            found.append(at)
        return found


def draw_people(world: World, chance: Random, defenders: int) -> tuple[list[Defender], list[Responder]]:
    """As many defenders, and about twice as many responders."""
    shared = [Role.COORDINATOR, Role.LAWYER]
    shared += [role for role in (Role.COORDINATOR, Role.PARTNER, Role.LEAD, Role.DIRECTOR) if chance.random() < 0.4]
    responders = [_responder(world, f"{role.value.title()}-{n}", role) for n, role in enumerate(shared)]
    found = []
    for n in range(defenders):
        one = _defender(world, chance, n)
        for role, most in ((Role.CONTACT, 3), (Role.COLLEAGUE, 2)):
            for m in range(chance.randint(1, most)):
                one.chain.append(_responder(world, f"{'Bo' if role is Role.CONTACT else 'Cleo'}-{n}-{m}", role))
        responders += one.chain
        found.append(one)
    return found, responders


def _responder(world: World, name: str, role: Role) -> Responder:
    return Responder(name, role, _phone(world, name, role.value, defender=False))


def _defender(world: World, chance: Random, n: int) -> Defender:
    zone = chance.choice(ZONES)
    span = world.end - world.begin
    wanted = [world.begin + span * chance.uniform(0.15, 0.85) for _ in range(chance.choice((1, 1, 2)))]
    times = sorted({at.astimezone(ZoneInfo(zone)).time().replace(second=0, microsecond=0) for at in wanted})
    profile = chance.choice(("standard", "standard", "high", "high", "low"))
    phone = _phone(world, f"Ana-{n}", "defender", defender=True)
    return Defender(f"Ana-{n}", phone, zone, tuple(times), profile, chance.random() < 0.5)


def _phone(world: World, name: str, badge: str, *, defender: bool) -> Phone:
    phone = world.stage.add_phone(name, badge=badge)
    at = world.defenders_bot if defender else world.responders_bot
    world.stage.messenger.begin(at, phone.person).started = True
    return phone


async def enrol(store: Store, defenders: list[Defender], responders: list[Responder]) -> None:
    """Put everybody into the store, in one transaction."""
    await store.run(partial(_enrol, defenders, responders))


def _enrol(defenders: list[Defender], responders: list[Responder], tx: Tx) -> None:
    for who in responders:
        who.id = people.add_responder(tx, who.name, who.role, language="en")
        people.change_responder(tx, who.id, state="active", consented_at=tx.now)
        addresses.add(tx, who.id, "responder", "telegram", str(who.phone.id), verified=True)
    for one in defenders:
        person = people.add_defender(tx, one.name, language="en", zone=one.zone, profile=one.profile, chain="default")
        one.id = person
        pepper = partial(tx.vault.peppered, person)
        hashed = hash_word(WORD, pepper)
        people.change_defender(tx, person, state="active", times=one.times, safe_word=hashed, consented_at=tx.now)
        addresses.add(tx, person, "defender", "telegram", str(one.phone.id), verified=True)
        if one.has_code:
            codes.save(tx, person, hash_code(CODE, pepper))
        pace = book().profile(one.profile).pace
        routine = Daily(one.times, one.zone)
        watches.save(tx, watch_machine.begin(WatchId(uuid4()), person, routine, pace, tx.now))
        for who in one.chain:
            assert who.id is not None  # noqa: S101 - they come first
            people.place_in_tier(tx, person, TIERS[who.role], who.id)
