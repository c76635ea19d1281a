"""What is wrong with the chains: who would not be asked, and who would be asked in vain.

A *fault* is a defender who is not protected now; a *doubt* is one whose protection hangs on a single person.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from engine.planning import Book, chain_of, overseers
from escalation.ladder import ChainRefused, Tier
from escalation.people import Role
from store import addresses, people
from store.database import Tx
from store.discreet import Discreet
from store.records import DefenderRecord


@dataclass(frozen=True, slots=True, repr=False)
class ChainCheck(Discreet):
    """One defender's chain: sentences on what is wrong, and on what may go wrong."""

    defender: str
    faults: tuple[str, ...]
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class ShownTier(Discreet):
    """One tier as it would be called now: `after` a missed check-in's due time, `panic_after` a panic."""

    name: str
    role: Role
    after: timedelta
    panic_after: timedelta
    people: tuple[str, ...]
    not_yet: tuple[str, ...]
    approval: bool


def check_all(tx: Tx, book: Book) -> list[ChainCheck]:
    """Every defender's chain, but for those who left."""
    return [check(tx, book, one) for one in people.defenders(tx) if one.state != "left"]


def check(tx: Tx, book: Book, defender: DefenderRecord) -> ChainCheck:
    """One defender's chain."""
    return ChainCheck(defender.name, tuple(faults_of(tx, book, defender)), tuple(_doubts(tx, book, defender)))


def faults_of(tx: Tx, book: Book, defender: DefenderRecord) -> list[str]:
    """Why this defender is not protected; one sentence for each reason."""
    name, faults = defender.name, []
    if defender.chain not in book.chains:
        faults.append(f"{name}: the ladders know no chain {defender.chain!r} any more; add it, the first one is used.")
    if defender.profile not in book.profiles:
        faults.append(
            f"{name}: the ladders know no profile {defender.profile!r} any more; add it, the strictest is used."
        )
    chain = chain_of(tx, book, defender)
    try:
        chain.check()
    except ChainRefused:
        first = chain.tiers[0].name
        waiting = _not_yet(tx, defender, first)
        why = (
            f"{_listed(waiting)} {'has' if len(waiting) == 1 else 'have'} not agreed yet"
            if waiting
            else "nobody stands there"
        )
        faults.append(
            f"{name}: the first tier, {first}, is empty ({why}): nobody is asked first; place an active person."
        )
    else:
        if not _reachable(tx, chain.tiers[0]):
            faults.append(
                f"{name}: nobody of the first tier, {chain.tiers[0].name}, can be reached; give them a new invitation."
            )
    return faults


def _doubts(tx: Tx, book: Book, defender: DefenderRecord) -> list[str]:
    name, chain = defender.name, chain_of(tx, book, defender)
    doubts = []
    if len({person for tier in chain.tiers for person in _reachable(tx, tier)}) < 2:
        doubts.append(f"{name}: fewer than two people of the whole chain can be reached; add another one.")
    if not any(tier.people for tier in chain.tiers[1:]):
        doubts.append(f"{name}: nobody stands in any tier after the first; add a lawyer or a partner.")
    if not any(role is Role.COORDINATOR for role, _ in overseers(tx)):
        doubts.append(f"{name}: there is no coordinator to call when the chain has ended; add one.")
    return doubts


def tiers_of(tx: Tx, book: Book, defender: DefenderRecord) -> list[ShownTier]:
    """The chain of one defender, as it would be called now."""
    profile, chain = book.profile(defender.profile), chain_of(tx, book, defender)
    return [
        ShownTier(
            name=tier.name,
            role=tier.role,
            after=profile.pace.grace + _at(profile.missed.tiers, index),
            panic_after=_at(profile.panic.tiers, index),
            people=tuple(_name(tx, person) for person in tier.people),
            not_yet=_not_yet(tx, defender, tier.name),
            approval=tier.approval,
        )
        for index, tier in enumerate(chain.tiers)
    ]


def _at(offsets: tuple[timedelta, ...], index: int) -> timedelta:
    return offsets[min(index, len(offsets) - 1)] if offsets else timedelta()


def _reachable(tx: Tx, tier: Tier) -> tuple[UUID, ...]:
    return tuple(person for person in tier.people if addresses.of_person(tx, person))


def _not_yet(tx: Tx, defender: DefenderRecord, tier: str) -> tuple[str, ...]:
    """Those who were placed in the tier and have not agreed."""
    placed = people.placed(tx, defender.id).get(tier, ())
    known = (people.responder(tx, person) for person in placed)
    return tuple(one.name for one in known if one is not None and one.state != "active")


def _name(tx: Tx, person: UUID) -> str:
    known = people.responder(tx, person)
    return known.name if known else "?"


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)
