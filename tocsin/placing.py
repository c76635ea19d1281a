"""Placing responders in the tiers of defenders: which tier is meant, and who is left without anybody."""

from engine.planning import Book
from escalation.people import Role
from store import journal, people
from store.database import Tx
from store.records import DefenderRecord, ResponderRecord

from .refusing import Refused


def tier_for(book: Book, defender: DefenderRecord, role: Role, wanted: str | None) -> str:
    """The tier of this defender's chain that `wanted` names, or that is for `role`. Raises Refused."""
    tiers = book.tiers(defender.chain)
    if role.oversees:
        raise Refused(f"A {role.value} watches over everybody's calling and stands in no tier: leave out --for.")
    if wanted is not None:
        if wanted not in (tier.name for tier in tiers):
            raise Refused(
                f"There is no tier {wanted!r} for {defender.name}: take {' or '.join(one.name for one in tiers)}."
            )
        return wanted
    fitting = [tier.name for tier in tiers if tier.role is role]
    if not fitting:
        raise Refused(f"No tier of {defender.name} is for a {role.value}: say which with --tier.")
    return fitting[0]


def place(tx: Tx, book: Book, who: ResponderRecord, defender: DefenderRecord, wanted: str | None) -> str:
    """Place `who` in a tier of `defender`; gives the tier's name. Raises Refused."""
    tier = tier_for(book, defender, who.role, wanted)
    people.place_in_tier(tx, defender.id, tier, who.id)
    journal.write(tx, "placed", defender=defender.id, actor=who.id, tier=tier)
    return tier


def take_out(tx: Tx, who: ResponderRecord, defender: DefenderRecord, wanted: str | None) -> tuple[str, ...]:
    """Take `who` out of `defender`'s tiers, or of the `wanted` one; gives the tiers. Raises Refused for none."""
    standing = people.placed(tx, defender.id)
    found = tuple(tier for tier, placed in standing.items() if who.id in placed and wanted in (None, tier))
    if not found:
        raise Refused(f"{who.name} was not placed there for {defender.name}: `tocsin defender show` tells who was.")
    for tier in found:
        people.take_from_tier(tx, defender.id, tier, who.id)
        journal.write(tx, "taken_out", defender=defender.id, actor=who.id, tier=tier)
    return found
