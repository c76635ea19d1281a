"""Addresses: where a person can be reached, whether that was verified, when it last worked.

A person has one address for each channel, and an address belongs to one person of a side. A disabled one stays theirs:
who blocked us, and now calls for help from there, is no stranger.

An address is sealed under its person's key. What it is looked for by is its blind index, which can be made while we are
locked too, and from which nobody learns the address. One whose seal is broken cannot be used.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Update, bindparam, delete, func, select, update

from .database import Tx
from .records import Address
from .sealing import Cell, Erased, SealBroken, opened, seal
from .tables.bots import BEGUN
from .tables.people import ADDRESS
from .upsert import insert_or_change

BEST = "telegram"  # comes first, whichever was added first: only there can an alarm be answered
FOUND = "address that was found"  # what a transaction knows of them
COLUMNS = tuple(ADDRESS.c[name] for name in Address.__dataclass_fields__)
PERSON_AT = select(ADDRESS.c.person).where(
    ADDRESS.c.side == bindparam("of_side"),
    ADDRESS.c.channel == bindparam("by"),
    ADDRESS.c.blind == bindparam("at"),
)
BEHIND = PERSON_AT.add_columns(ADDRESS.c.address)
BEHIND_SOME = select(ADDRESS.c.person, ADDRESS.c.address, ADDRESS.c.blind).where(
    ADDRESS.c.side == bindparam("of_side"),
    ADDRESS.c.channel == bindparam("by"),
    ADDRESS.c.blind.in_(bindparam("at", expanding=True)),
)
IN_USE = (
    select(*COLUMNS)
    .where(ADDRESS.c.verified_at.is_not(None), ADDRESS.c.disabled_at.is_(None))
    .order_by(ADDRESS.c.position, ADDRESS.c.id)
)
USABLE = IN_USE.where(ADDRESS.c.person == bindparam("whose"))
USABLE_OF = IN_USE.where(ADDRESS.c.person.in_(bindparam("persons", expanding=True)))
ONE = select(*COLUMNS).where(ADDRESS.c.id == bindparam("number"))
PUT = insert_or_change(ADDRESS, "person", "channel").returning(*COLUMNS)
ENABLED = (
    update(ADDRESS)
    .where(ADDRESS.c.disabled_at.is_not(None), ADDRESS.c.address.is_not(None))
    .values(disabled_at=None, disabled_why=None)
)
ENABLE = ENABLED.where(ADDRESS.c.id == bindparam("number"))
REVIVE = ENABLED.where(ADDRESS.c.person == bindparam("whose"), ADDRESS.c.channel == bindparam("by"))
FORGET_BEGUN = delete(BEGUN).where(BEGUN.c.person == bindparam("whose"))
WORKED = (
    update(ADDRESS).where(ADDRESS.c.id.in_(bindparam("numbers", expanding=True))).values(last_ok_at=bindparam("when"))
)


class AddressTaken(Exception):
    """The address belongs to somebody else of the same side; the message is one plain sentence."""

    def __init__(self) -> None:
        super().__init__("This address is somebody else's already: remove it there first, or give another one.")


def person_at(tx: Tx, side: str, channel: str, address: str) -> UUID | None:
    """Whose address this is, None when nobody's. A disabled one is found too: see `revive`. Works while locked."""
    at = blind(tx, side, channel, address)
    found: UUID | None = tx.connection.execute(PERSON_AT, {"of_side": side, "by": channel, "at": at}).scalar()
    return found


def blind(tx: Tx, side: str, channel: str, address: str) -> str:
    """What stands for an address where it must be found again. Works while locked."""
    return tx.vault.blind(f"{channel}:{side}", address)


def behind(tx: Tx, side: str, channel: str, blind: str) -> tuple[UUID, str] | None:
    """Whose address a blind index stands for, and the address ("" when it cannot be opened); None when nobody's."""
    known = tx.known.of(FOUND, (side, channel, blind))
    row = known or tx.connection.execute(BEHIND, {"of_side": side, "by": channel, "at": blind}).first()
    return (row.person, open_address(tx, row.person, channel, row.address)) if row else None


def find(tx: Tx, side: str, channel: str, blinds: Sequence[str]) -> list[UUID]:
    """Whose addresses these blind indexes stand for, at once, for who will ask for each of them with `behind`."""
    rows = tx.connection.execute(BEHIND_SOME, {"of_side": side, "by": channel, "at": blinds}).all()
    for row in rows:
        tx.known.put(FOUND, (side, channel, row.blind), row)
    return [row.person for row in rows]


def add(tx: Tx, person: UUID, side: str, channel: str, address: str, verified: bool, bot: int | None = None) -> Address:
    """Give the person this address on this channel, in place of any they had there, ready for use if `verified`; `bot`
    reaches them there. Raises AddressTaken."""
    _check_free(tx, person, side, channel, address)
    return _put(tx, person, side, channel, address, blind(tx, side, channel, address), bot, verified=verified)


def place_unfound(tx: Tx, person: UUID, side: str, channel: str, address: str, bot: int | None = None) -> Address:
    """Give the person this address, ready for use; it may be somebody else's too, for nobody is found by it."""
    found_by = tx.vault.blind("unfound", f"{person}:{channel}")
    return _put(tx, person, side, channel, address, found_by, bot, verified=True)


def _put(
    tx: Tx, person: UUID, side: str, channel: str, address: str, found_by: str, bot: int | None, *, verified: bool
) -> Address:
    others = select(func.count()).where(ADDRESS.c.person == person, ADDRESS.c.channel.not_in((channel, BEST)))
    position = 0 if channel == BEST else 1 + int(tx.connection.execute(others).scalar_one())
    row = {
        "person": person,
        "side": side,
        "channel": channel,
        "address": _seal(tx, person, channel, address),
        "blind": found_by,
        "position": position,
        "verified_at": tx.now if verified else None,
        "last_ok_at": None,
        "disabled_at": None,
        "disabled_why": None,
        "bot": bot,
    }
    _forget_begun(tx, person, channel)
    tx.known.forget_all()
    return _address(tx, *tx.connection.execute(PUT, row).one())


def of_person(tx: Tx, person: UUID) -> tuple[Address, ...]:
    """Where the person can be reached now: verified and not disabled, best first; empty when nowhere."""
    return tx.known.once("ways", person, partial(_usable, tx, person))


def _usable(tx: Tx, person: UUID) -> tuple[Address, ...]:
    ways = [_address(tx, *row) for row in tx.connection.execute(USABLE, {"whose": person})]
    return tuple(_known(tx, way) for way in ways if way.address)


def know(tx: Tx, persons: Sequence[UUID]) -> None:
    """Read where these people can be reached at once, for who will ask for each of them."""
    ways: dict[UUID, tuple[Address, ...]] = dict.fromkeys(persons, ())
    for row in tx.connection.execute(USABLE_OF, {"persons": persons}):
        if (way := _address(tx, *row)).address:
            ways[way.person] = (*ways[way.person], _known(tx, way))
    for person, theirs in ways.items():
        tx.known.put("ways", person, theirs)


def _known(tx: Tx, way: Address) -> Address:
    tx.known.put("address", way.id, way)
    return way


def address(tx: Tx, address_id: int) -> Address | None:
    """One address, usable or not."""
    return tx.known.once("address", address_id, partial(_one, tx, address_id))


def _one(tx: Tx, address_id: int) -> Address | None:
    row = tx.connection.execute(ONE, {"number": address_id}).first()
    return _address(tx, *row) if row else None


def disable(tx: Tx, address_id: int, why: str) -> None:
    """Use this address no more, with a word for why; the first word stays."""
    known = (ADDRESS.c.id == address_id, ADDRESS.c.disabled_at.is_(None))
    tx.connection.execute(update(ADDRESS).where(*known).values(disabled_at=tx.now, disabled_why=why))
    tx.known.forget_all()


def enable(tx: Tx, address_id: int) -> None:
    """Use this address again; one that was forgotten stays so."""
    _enable(tx, ENABLE, {"number": address_id})


def revive(tx: Tx, person: UUID, channel: str) -> bool:
    """Use the person's address again, since something came from there; gives whether it had been disabled."""
    if any(way.channel == channel for way in of_person(tx, person)):
        return False
    return _enable(tx, REVIVE, {"whose": person, "by": channel}) > 0


def worked(tx: Tx, *address_ids: int) -> None:
    """Note that something was taken there just now."""
    if address_ids:
        tx.connection.execute(WORKED, {"numbers": sorted(set(address_ids)), "when": tx.now})


def moved(tx: Tx, address_id: int, new_address: str) -> None:
    """The messenger gave the address another name. Raises AddressTaken."""
    known = address(tx, address_id)
    if known is not None:
        _check_free(tx, known.person, known.side, known.channel, new_address)
        values = {
            "address": _seal(tx, known.person, known.channel, new_address),
            "blind": blind(tx, known.side, known.channel, new_address),
        }
        tx.connection.execute(update(ADDRESS).where(ADDRESS.c.id == address_id).values(values))
        tx.known.forget_all()


def forget(tx: Tx, person: UUID, channel: str | None = None) -> None:
    """Wipe every address of the person, or that on `channel`; what was delivered there stays on record, without it."""
    wiped = {"address": None, "blind": None, "verified_at": None, "disabled_at": tx.now, "disabled_why": "forgotten"}
    chosen = (ADDRESS.c.person == person, *([ADDRESS.c.channel == channel] if channel else []))
    tx.connection.execute(update(ADDRESS).where(*chosen).values(wiped))
    _forget_begun(tx, person, channel or BEST)
    tx.known.forget_all()


def _forget_begun(tx: Tx, person: UUID, channel: str) -> None:
    """The chats that somebody had with others of our bots are not this one."""
    if channel == BEST:
        tx.connection.execute(FORGET_BEGUN, {"whose": person})


def _enable(tx: Tx, statement: Update, which: dict[str, object]) -> int:
    tx.known.forget_all()
    return tx.connection.execute(statement, which).rowcount


def _check_free(tx: Tx, person: UUID, side: str, channel: str, address: str) -> None:
    if person_at(tx, side, channel, address) not in (None, person):
        raise AddressTaken


def open_address(tx: Tx, person: UUID, channel: str, sealed: bytes | None) -> str:
    """The address that was sealed; "" when it was forgotten or its seal is broken. Raises Locked."""
    if sealed is None:
        return ""
    try:
        return str(opened(tx, person, _cell(person, channel), sealed))
    except (SealBroken, Erased):
        return ""


def _seal(tx: Tx, person: UUID, channel: str, address: str) -> bytes:
    return seal(tx, person, _cell(person, channel), address)


def _cell(person: UUID, channel: str) -> Cell:
    """The place of a person's address on a channel: they have one, and neither ever changes."""
    return Cell("address", "address", f"{person}:{channel}")


def _address(tx: Tx, *values: Any) -> Address:
    named = dict(zip(Address.__dataclass_fields__, values, strict=True))
    return Address(**{**named, "address": open_address(tx, named["person"], named["channel"], named["address"])})
