"""Acquaintance: everybody of whom a batch of events will ask, known to its transaction by a few statements.

Whoever is not known by this is read one by one, as always: it may be left out, and what it cannot read it leaves to who
asks for it.
"""

from collections.abc import Callable, Iterable
from functools import partial
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.exc import StatementError

from escalation.people import ResponderId

from . import addresses, people
from .database import Tx, begins_again
from .refusals import Erased, SealBroken
from .tables.people import DEFENDER, RESPONDER, TIER_PLACE

PLACED = (
    select(TIER_PLACE.c.defender, TIER_PLACE.c.tier, TIER_PLACE.c.responder)
    .join(RESPONDER, RESPONDER.c.id == TIER_PLACE.c.responder)
    .where(TIER_PLACE.c.defender.in_(bindparam("whose", expanding=True)), RESPONDER.c.state == "active")
    .order_by(TIER_PLACE.c.defender, TIER_PLACE.c.tier, TIER_PLACE.c.position, TIER_PLACE.c.responder)
)
ANYBODY = select(DEFENDER.c.id).where(DEFENDER.c.state == literal_column("'active'")).limit(1)
BAD_ROW = (StatementError, LookupError, TypeError, ValueError, Erased, SealBroken)  # what one among many may raise


def know(tx: Tx, defenders: Iterable[UUID], responders: Iterable[UUID] = ()) -> None:
    """Know these people, and those in the defenders' own tiers: who they are, and where they can be reached."""
    those, others = dict.fromkeys(defenders), dict.fromkeys(responders)
    if those or others:
        _at_once(tx, partial(_know, tx, list(those), list(others)))


def know_senders(tx: Tx, side: str, channel: str, chats: Iterable[str]) -> None:
    """Know whoever has written from these chats, each given by its blind index."""
    found: list[UUID] = []
    _at_once(tx, lambda: found.extend(addresses.find(tx, side, channel, list(dict.fromkeys(chats)))))
    know(tx, *((found, ()) if side == "defender" else ((), found)))


def anybody(tx: Tx) -> UUID | None:
    """Some defender who has agreed, whoever it is; None when nobody has yet."""
    found: UUID | None = tx.connection.execute(ANYBODY).scalar()
    return found


def _at_once(tx: Tx, work: Callable[[], None]) -> None:
    try:
        with tx.savepoint():
            work()
    except BAD_ROW as fault:  # whoever asks for it meets the same, and reports it
        if begins_again(fault):
            raise


def _know(tx: Tx, those: list[UUID], responders: list[UUID]) -> None:
    tiers: dict[UUID, dict[str, tuple[ResponderId, ...]]] = {person: {} for person in those}
    for whose, tier, placed in tx.connection.execute(PLACED, {"whose": those}) if those else ():
        tiers[whose][tier] = (*tiers[whose].get(tier, ()), ResponderId(placed))
    for person, theirs in tiers.items():
        tx.known.put("tiers", person, theirs)
    theirs_all = (one for theirs in tiers.values() for placed_in in theirs.values() for one in placed_in)
    others = list(dict.fromkeys((*responders, *theirs_all)))
    tx.vault.know(tx.connection, [*those, *others])
    for person, defender in people.some_defenders(tx, those).items():
        tx.known.put("defender", person, defender)
    for person, responder in people.some_responders(tx, others).items():
        tx.known.put("responder", person, responder)
    addresses.know(tx, [*those, *others])
