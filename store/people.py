"""People: defenders, responders, and who stands in which tier of whom."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, TypedDict, Unpack
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, Select, bindparam, delete, func, insert, select, update

from escalation.people import DefenderId, ResponderId, Role

from . import addresses, deliveries, invitations
from .database import Tx
from .records import DefenderRecord, ResponderRecord, Words
from .tables.messages import INBOX
from .tables.people import ADDRESS, DEFENDER, PERSON, RESPONDER, TIER_PLACE
from .upsert import insert_new


class DefenderChange(TypedDict, total=False):
    """What of a defender can be changed."""

    name: str
    language: str
    zone: str
    state: str
    profile: str
    chain: str
    times: tuple[time, ...]
    safe_word: str | None
    dialogue_state: str | None
    dialogue_data: dict[str, Words]
    consented_at: datetime | None


class ResponderChange(TypedDict, total=False):
    """What of a responder can be changed."""

    name: str
    language: str
    zone: str
    role: Role
    state: str
    away_until: datetime | None
    dialogue_state: str | None
    dialogue_data: dict[str, Words]
    consented_at: datetime | None


ONE_DEFENDER = select(DEFENDER).where(DEFENDER.c.id == bindparam("person"))
ONE_RESPONDER = select(RESPONDER).where(RESPONDER.c.id == bindparam("person"))
AS_ADDED = (PERSON.c.number, PERSON.c.id)
NEW_PERSON = insert(PERSON).values(number=select(func.coalesce(func.max(PERSON.c.number), 0) + 1).scalar_subquery())
ALL_DEFENDERS = select(DEFENDER).join(PERSON, PERSON.c.id == DEFENDER.c.id).order_by(*AS_ADDED)
ALL_RESPONDERS = select(RESPONDER).join(PERSON, PERSON.c.id == RESPONDER.c.id).order_by(*AS_ADDED)
OF_ROLE = ALL_RESPONDERS.with_only_columns(RESPONDER.c.id).where(
    RESPONDER.c.role == bindparam("of_role"), RESPONDER.c.state == "active"
)
PLACED = (
    select(TIER_PLACE.c.tier, TIER_PLACE.c.responder)
    .join(RESPONDER, RESPONDER.c.id == TIER_PLACE.c.responder)
    .where(TIER_PLACE.c.defender == bindparam("whose"))
    .order_by(TIER_PLACE.c.tier, TIER_PLACE.c.position, TIER_PLACE.c.responder)
)
OWN_TIERS = PLACED.where(RESPONDER.c.state == "active")


def add_defender(tx: Tx, name: str, *, language: str, zone: str, profile: str, chain: str) -> DefenderId:
    """A new defender, invited."""
    person = _new_person(tx, "defender")
    row = {**_BLANK, "id": person, "name": name, "language": language, "zone": zone, "profile": profile}
    tx.connection.execute(insert(DEFENDER), {**row, "chain": chain, "times": [], "safe_word": None})
    return DefenderId(person)


def add_responder(tx: Tx, name: str, role: Role, *, language: str, zone: str = "UTC") -> ResponderId:
    """A new responder, invited."""
    person = _new_person(tx, "responder")
    row = {**_BLANK, "id": person, "name": name, "language": language, "zone": zone, "role": role.value}
    tx.connection.execute(insert(RESPONDER), {**row, "away_until": None})
    return ResponderId(person)


_BLANK: Mapping[str, Any] = {
    "state": "invited",
    "dialogue_state": None,
    "dialogue_data": {},
    "consented_at": None,
}


def _new_person(tx: Tx, side: str) -> UUID:
    person = uuid4()
    tx.connection.execute(NEW_PERSON, {"id": person, "side": side, "created_at": tx.now})
    return person


def defender(tx: Tx, person: UUID) -> DefenderRecord | None:
    """One defender, None when there is none of this id."""
    row = tx.connection.execute(ONE_DEFENDER, {"person": person}).mappings().first()
    return _defender(row) if row else None


def responder(tx: Tx, person: UUID) -> ResponderRecord | None:
    """One responder, None when there is none of this id."""
    row = tx.connection.execute(ONE_RESPONDER, {"person": person}).mappings().first()
    return _responder(row) if row else None


def defenders(tx: Tx) -> list[DefenderRecord]:
    """Every defender, in the order in which they were added."""
    return [_defender(row) for row in tx.connection.execute(ALL_DEFENDERS).mappings()]


def responders(tx: Tx) -> list[ResponderRecord]:
    """Every responder, in the order in which they were added; the removed too."""
    return [_responder(row) for row in tx.connection.execute(ALL_RESPONDERS).mappings()]


def name(tx: Tx, person: UUID) -> str | None:
    """What anybody of either side is called, None when nobody has this id any more."""
    known = responder(tx, person) or defender(tx, person)
    return known.name if known else None


def change_defender(tx: Tx, person: UUID, **fields: Unpack[DefenderChange]) -> None:
    """Change what is named. Nobody is active without having agreed: set both at once."""
    values: dict[str, object] = dict(fields)
    if "times" in fields:
        values["times"] = [wall_time.isoformat() for wall_time in fields["times"]]
    if values:
        tx.connection.execute(update(DEFENDER).where(DEFENDER.c.id == person).values(values))


def change_responder(tx: Tx, person: UUID, **fields: Unpack[ResponderChange]) -> None:
    """Change what is named. Nobody is active without having agreed: set both at once."""
    if fields:
        tx.connection.execute(update(RESPONDER).where(RESPONDER.c.id == person).values(dict(fields)))


def place_in_tier(tx: Tx, defender: UUID, tier: str, responder: UUID) -> None:
    """Have this responder called in this tier of this defender, after those who are in it."""
    taken = select(func.count()).where(TIER_PLACE.c.defender == defender, TIER_PLACE.c.tier == tier)
    position = tx.connection.execute(taken).scalar_one()
    row = {"defender": defender, "tier": tier, "responder": responder, "position": position}
    tx.connection.execute(insert_new(TIER_PLACE), row)


def take_from_tier(tx: Tx, defender: UUID, tier: str, responder: UUID) -> None:
    """Have this responder called in this tier no more."""
    place = TIER_PLACE.c
    chosen = (place.defender == defender, place.tier == tier, place.responder == responder)
    tx.connection.execute(delete(TIER_PLACE).where(*chosen))


def own_tiers(tx: Tx, defender: UUID) -> dict[str, tuple[ResponderId, ...]]:
    """Who of the active responders stands in which tier of this defender's own, in the order of placing."""
    return _tiers(tx, OWN_TIERS, defender)


def placed(tx: Tx, defender: UUID) -> dict[str, tuple[ResponderId, ...]]:
    """Who was placed in which tier of this defender's own, active or not, in the order of placing."""
    return _tiers(tx, PLACED, defender)


def _tiers(tx: Tx, chosen: Select[str, UUID], defender: UUID) -> dict[str, tuple[ResponderId, ...]]:
    tiers: dict[str, tuple[ResponderId, ...]] = {}
    for tier, person in tx.connection.execute(chosen, {"whose": defender}):
        tiers[tier] = (*tiers.get(tier, ()), ResponderId(person))
    return tiers


def active_of_role(tx: Tx, role: Role) -> tuple[ResponderId, ...]:
    """Every active responder of this role, in the order in which they were added."""
    return tuple(tx.connection.execute(OF_ROLE, {"of_role": role.value}).scalars())


def remove_responder(tx: Tx, person: UUID) -> None:
    """Have this person called and written to no more; their name stays with what they did, their addresses go."""
    tx.connection.execute(delete(TIER_PLACE).where(TIER_PLACE.c.responder == person))
    invitations.withdraw(tx, person)
    addresses.forget(tx, person)
    deliveries.cancel_for(tx, person)
    change_responder(tx, person, state="removed", away_until=None, dialogue_state=None, dialogue_data={})


def erase_defender(tx: Tx, person: UUID) -> None:
    """Delete everything that is kept of this defender, open incidents and what they wrote too.

    The journal keeps ids only."""
    chats = select(ADDRESS.c.address).where(ADDRESS.c.person == person)
    tx.connection.execute(delete(INBOX).where(INBOX.c.source == "defenders", INBOX.c.chat.in_(chats)))
    tx.connection.execute(delete(PERSON).where(PERSON.c.id == person, PERSON.c.side == "defender"))


def _defender(row: RowMapping) -> DefenderRecord:
    times = tuple(map(time.fromisoformat, row["times"]))
    return DefenderRecord(**{**row, "times": times})


def _responder(row: RowMapping) -> ResponderRecord:
    return ResponderRecord(**{**row, "role": Role(row["role"])})
