"""People: defenders, responders, and who stands in which tier of whom.

Who they are is on their card, which is sealed; see `cards`. None of it can be read once their data key is erased."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache, partial
from typing import Any, Unpack
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, Select, Update, bindparam, delete, func, insert, or_, select, update

from escalation.people import DefenderId, ResponderId, Role

from . import addresses, deliveries, invitations
from .cards import BLANK_OF, open_card, read_card, seal_card
from .database import Tx
from .marks import MARK
from .records import DefenderChange, DefenderRecord, ResponderChange, ResponderRecord
from .sealing import Erased, begin_subject, erase_subject
from .tables.messages import INBOX
from .tables.people import ADDRESS, DEFENDER, PERSON, RESPONDER, TIER_PLACE
from .upsert import insert_new

TABLES = {"defender": DEFENDER, "responder": RESPONDER}
ONE_DEFENDER = select(DEFENDER).where(DEFENDER.c.id == bindparam("person"))
ONE_RESPONDER = select(RESPONDER).where(RESPONDER.c.id == bindparam("person"))
SOME_DEFENDERS = select(DEFENDER).where(DEFENDER.c.id.in_(bindparam("people", expanding=True)))
SOME_RESPONDERS = select(RESPONDER).where(RESPONDER.c.id.in_(bindparam("people", expanding=True)))
HELD_CARD = {
    side: select(table.c.card).where(table.c.id == bindparam("person")).with_for_update()
    for side, table in TABLES.items()
}
STATE_OF = {side: select(table.c.state).where(table.c.id == bindparam("person")) for side, table in TABLES.items()}
AS_ADDED = (PERSON.c.number, PERSON.c.id)
NEW_PERSON = insert(PERSON).values(number=select(func.coalesce(func.max(PERSON.c.number), 0) + 1).scalar_subquery())
ALL_DEFENDERS = select(DEFENDER).join(PERSON, PERSON.c.id == DEFENDER.c.id).order_by(*AS_ADDED)
ALL_RESPONDERS = select(RESPONDER).join(PERSON, PERSON.c.id == RESPONDER.c.id).order_by(*AS_ADDED)
OF_ROLES = ALL_RESPONDERS.with_only_columns(RESPONDER.c.role, RESPONDER.c.id).where(
    RESPONDER.c.role.in_(bindparam("roles", expanding=True)), RESPONDER.c.state == "active"
)
SHARED = tuple(role.value for role in Role if role is not Role.CONTACT)  # asked for with every alarm; contacts never
PLACED = (
    select(TIER_PLACE.c.tier, TIER_PLACE.c.responder)
    .join(RESPONDER, RESPONDER.c.id == TIER_PLACE.c.responder)
    .where(TIER_PLACE.c.defender == bindparam("whose"))
    .order_by(TIER_PLACE.c.tier, TIER_PLACE.c.position, TIER_PLACE.c.responder)
)
OWN_TIERS = PLACED.where(RESPONDER.c.state == "active")


def add_defender(tx: Tx, name: str, *, language: str, zone: str, profile: str, chain: str) -> DefenderId:
    """A new defender, invited."""
    card = {"name": name, "language": language, "zone": zone, "profile": profile, "chain": chain}
    return DefenderId(_add(tx, "defender", card, safe_word=None))


def add_responder(tx: Tx, name: str, role: Role, *, language: str, zone: str = "UTC") -> ResponderId:
    """A new responder, invited."""
    card = {"name": name, "language": language, "zone": zone}
    return ResponderId(_add(tx, "responder", card, role=role.value, away_until=None))


def _add(tx: Tx, side: str, card: Mapping[str, Any], **columns: object) -> UUID:
    person = uuid4()
    begin_subject(tx, person)
    tx.connection.execute(NEW_PERSON, {"id": person, "side": side, "created_at": tx.now})
    sealed = seal_card(tx, side, person, {**BLANK_OF[side], **card})
    row = {"id": person, "state": "invited", "consented_at": None, "card": sealed, **columns}
    tx.connection.execute(insert(TABLES[side]), row)
    tx.known.forget(side, person)
    return person


def defender(tx: Tx, person: UUID) -> DefenderRecord | None:
    """One defender, None when there is none of this id."""
    return tx.known.once("defender", person, partial(_one_defender, tx, person))


def responder(tx: Tx, person: UUID) -> ResponderRecord | None:
    """One responder, None when there is none of this id."""
    return tx.known.once("responder", person, partial(_one_responder, tx, person))


def some_defenders(tx: Tx, persons: Iterable[UUID]) -> dict[UUID, DefenderRecord | None]:
    """Those of the defenders who are there; None for who was erased."""
    found = tx.connection.execute(SOME_DEFENDERS, {"people": list(persons)}).mappings()
    return {row["id"]: _defender(tx, row) for row in found}


def some_responders(tx: Tx, persons: Iterable[UUID]) -> dict[UUID, ResponderRecord | None]:
    """Those of the responders who are there; None for who was erased."""
    found = tx.connection.execute(SOME_RESPONDERS, {"people": list(persons)}).mappings()
    return {row["id"]: _responder(tx, row) for row in found}


def defenders(tx: Tx) -> list[DefenderRecord]:
    """Every defender, in the order in which they were added."""
    found = (_defender(tx, row) for row in tx.connection.execute(ALL_DEFENDERS).mappings())
    return [record for record in found if record is not None]


def responders(tx: Tx) -> list[ResponderRecord]:
    """Every responder, in the order in which they were added; the removed too."""
    found = (_responder(tx, row) for row in tx.connection.execute(ALL_RESPONDERS).mappings())
    return [record for record in found if record is not None]


def state_of(tx: Tx, side: str, person: UUID) -> str | None:
    """How far somebody has come ("invited", "active", …), None when there is nobody. Works while locked."""
    state: str | None = tx.connection.execute(STATE_OF[side], {"person": person}).scalar()
    return state


def name(tx: Tx, person: UUID) -> str | None:
    """What anybody of either side is called, None when nobody has this id any more."""
    known = responder(tx, person) or defender(tx, person)
    return known.name if known else None


def change_defender(tx: Tx, person: UUID, **fields: Unpack[DefenderChange]) -> None:
    """Change what is named. Nobody is active without having agreed: set both at once."""
    _change(tx, "defender", person, fields)


def change_responder(tx: Tx, person: UUID, **fields: Unpack[ResponderChange]) -> None:
    """Change what is named. Nobody is active without having agreed: set both at once."""
    _change(tx, "responder", person, fields)


def _change(tx: Tx, side: str, person: UUID, fields: Mapping[str, Any]) -> None:
    on_card = BLANK_OF[side].keys()
    values = {name: value for name, value in fields.items() if name not in on_card}
    if written := {name: value for name, value in fields.items() if name in on_card}:
        sealed = tx.connection.execute(HELD_CARD[side], {"person": person}).scalar()
        if sealed is None:
            return
        card = {**open_card(tx, side, person, sealed), **written}
        values["card"] = seal_card(tx, side, person, card)
    if values:
        tx.connection.execute(_changing(side, tuple(values)), {"person": person, **values})
    if side == "defender":
        tx.known.forget(side, person)
    else:
        tx.known.forget_all()  # who is called for whom hangs on their state and their role


@cache
def _changing(side: str, names: tuple[str, ...]) -> Update:
    table = TABLES[side]
    return update(table).where(table.c.id == bindparam("person")).values({name: bindparam(name) for name in names})


def place_in_tier(tx: Tx, defender: UUID, tier: str, responder: UUID) -> None:
    """Have this responder called in this tier of this defender, after those who are in it."""
    taken = select(func.count()).where(TIER_PLACE.c.defender == defender, TIER_PLACE.c.tier == tier)
    position = tx.connection.execute(taken).scalar_one()
    row = {"defender": defender, "tier": tier, "responder": responder, "position": position}
    tx.connection.execute(insert_new(TIER_PLACE), row)
    tx.known.forget("tiers", defender)


def take_from_tier(tx: Tx, defender: UUID, tier: str, responder: UUID) -> None:
    """Have this responder called in this tier no more."""
    place = TIER_PLACE.c
    chosen = (place.defender == defender, place.tier == tier, place.responder == responder)
    tx.connection.execute(delete(TIER_PLACE).where(*chosen))
    tx.known.forget("tiers", defender)


def own_tiers(tx: Tx, defender: UUID) -> dict[str, tuple[ResponderId, ...]]:
    """Who of the active responders stands in which tier of this defender's own, in the order of placing."""
    return tx.known.once("tiers", defender, partial(_tiers, tx, OWN_TIERS, defender))


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
    roles = SHARED if role in SHARED else (role.value,)
    of_role: dict[str, tuple[ResponderId, ...]] = tx.known.once("roles", roles, partial(_of_roles, tx, roles))
    return of_role.get(role.value, ())


def _of_roles(tx: Tx, roles: tuple[str, ...]) -> dict[str, tuple[ResponderId, ...]]:
    found: dict[str, tuple[ResponderId, ...]] = {}
    for role, person in tx.connection.execute(OF_ROLES, {"roles": roles}):
        found[role] = (*found.get(role, ()), ResponderId(person))
    return found


def remove_responder(tx: Tx, person: UUID) -> None:
    """Have this person called and written to no more; their name stays with what they did, their addresses go."""
    tx.connection.execute(delete(TIER_PLACE).where(TIER_PLACE.c.responder == person))
    invitations.withdraw(tx, person)
    addresses.forget(tx, person)
    deliveries.cancel_for(tx, person)
    change_responder(tx, person, state="removed", away_until=None, dialogue_state=None, dialogue_data={})


def erase_defender(tx: Tx, person: UUID) -> bytes | None:
    """As `erase_person`, of a defender."""
    return erase_person(tx, "defender", person)


def erase_person(tx: Tx, side: str, person: UUID) -> bytes | None:
    """Delete everything that is kept of somebody, a defender's open incidents and what they wrote too: first the key,
    without which nothing of theirs opens wherever copies of it are, and then the rows.

    The journal keeps ids only. Gives the SHA-256 of the key as it was kept, None when there was none (any more)."""
    if state_of(tx, side, person) is None:
        return None
    erased = None
    with suppress(Erased):
        erased = erase_subject(tx, person)
    chats = select(ADDRESS.c.blind).where(ADDRESS.c.person == person)
    first = INBOX.c.source == f"{side}s"
    another = INBOX.c.source.startswith(f"{side}s{MARK}", autoescape=True)  # whichever bot of their side it came to
    tx.connection.execute(delete(INBOX).where(or_(first, another), INBOX.c.chat.in_(chats)))
    tx.connection.execute(delete(PERSON).where(PERSON.c.id == person, PERSON.c.side == side))
    tx.known.forget_all()
    return erased


def _one_defender(tx: Tx, person: UUID) -> DefenderRecord | None:
    row = tx.connection.execute(ONE_DEFENDER, {"person": person}).mappings().first()
    return _defender(tx, row) if row else None


def _one_responder(tx: Tx, person: UUID) -> ResponderRecord | None:
    row = tx.connection.execute(ONE_RESPONDER, {"person": person}).mappings().first()
    return _responder(tx, row) if row else None


def _defender(tx: Tx, row: RowMapping) -> DefenderRecord | None:
    record = _opened(tx, "defender", row)
    return DefenderRecord(**record) if record else None


def _responder(tx: Tx, row: RowMapping) -> ResponderRecord | None:
    record = _opened(tx, "responder", row)
    return ResponderRecord(**{**record, "role": Role(record["role"])}) if record else None


def _opened(tx: Tx, side: str, row: RowMapping) -> dict[str, Any] | None:
    """A row with its card's fields in place of the card; None when its person was erased."""
    columns = dict(row)
    card = read_card(tx, side, row["id"], columns.pop("card"))
    return {**columns, **card} if card is not None else None
