"""The plan of one incident: this defender's chain, filled with the people who are in it now."""

from collections.abc import Mapping
from dataclasses import dataclass

from escalation.incident_words import Kind
from escalation.ladder import Chain, ChainTier, Ladder, Plan, Profile, Tier, plan
from escalation.people import ResponderId, Role
from store import people
from store.database import Tx
from store.records import DefenderRecord
from store.spoken_checks import SpokenCheck


@dataclass(frozen=True, slots=True)
class Book:
    """The ladders and chains that the settings name, and the 256 words of which people read four to each other."""

    profiles: Mapping[str, Profile]
    chains: Mapping[str, tuple[ChainTier, ...]]
    check_words: tuple[str, ...] = tuple(f"{number}" for number in range(256))

    def profile(self, name: str) -> Profile:
        """The profile of this name; the strictest there is when the settings no longer know it."""
        known = self.profiles.get(name)
        return known or min(self.profiles.values(), key=lambda profile: profile.pace.grace)

    def tiers(self, name: str) -> tuple[ChainTier, ...]:
        """The chain of this name; the first one when the settings no longer know it."""
        return self.chains.get(name) or next(iter(self.chains.values()))


def spoken(book: Book, check: SpokenCheck) -> str:
    """The words of a check as they are read out."""
    return " ".join(book.check_words[number] for number in check.numbers)


def chain_of(tx: Tx, book: Book, defender: DefenderRecord) -> Chain:
    """This defender's chain with its people of this moment."""
    own = people.own_tiers(tx, defender.id)
    return Chain(
        tuple(Tier(tier.name, tier.role, _people(tx, own, tier), tier.approval) for tier in book.tiers(defender.chain))
    )


def _people(tx: Tx, own: Mapping[str, tuple[ResponderId, ...]], tier: ChainTier) -> tuple[ResponderId, ...]:
    shared = people.active_of_role(tx, tier.role) if tier.who == "shared" else ()
    return tuple(dict.fromkeys((*own.get(tier.name, ()), *shared)))


def overseers(tx: Tx) -> tuple[tuple[Role, ResponderId], ...]:
    """Everyone on duty who watches over the calling, as (role, person)."""
    return tuple((role, person) for role in Role if role.oversees for person in people.active_of_role(tx, role))


def plan_for(tx: Tx, book: Book, defender: DefenderRecord, kind: Kind) -> Plan:
    """Who is called when, for an incident of `kind` that opens now."""
    return plan(ladder_for(book.profile(defender.profile), kind), chain_of(tx, book, defender), overseers(tx))


def ladder_for(profile: Profile, kind: Kind) -> Ladder:
    """The ladder of one kind of incident."""
    match kind:
        case Kind.PANIC:
            return profile.panic
        case Kind.DURESS:
            return profile.duress
        case Kind.DRILL:
            return profile.drill
        case Kind.MISSED:
            return profile.missed
