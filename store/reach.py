"""Reach: by which of our bots somebody's chat is reached.

A bot may write only to who has begun it. Whoever writes to another bot of their side is reached by that one from then
on; that the earlier one may write to them too is remembered, for the day on which this one cannot any more.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, select, update

from . import addresses, bots
from .database import Tx
from .records import Address
from .tables.bots import BEGUN
from .tables.messages import DELIVERY
from .tables.people import ADDRESS
from .upsert import insert_new

CHAT = "telegram"
GONE = "bot_gone"  # why an address is disabled whose bot the settings do not name
FIRST = 0  # how a begun bot is named that has no number

THEIRS = select(ADDRESS.c.id, ADDRESS.c.side, ADDRESS.c.bot, ADDRESS.c.disabled_at).where(
    ADDRESS.c.person == bindparam("whose"), ADDRESS.c.channel == CHAT, ADDRESS.c.address.is_not(None)
)
BY = select(ADDRESS.c.id).where(
    ADDRESS.c.side == bindparam("of_side"), ADDRESS.c.channel == CHAT, ADDRESS.c.address.is_not(None)
)
REACH = update(ADDRESS).where(ADDRESS.c.id == bindparam("number")).values(bot=bindparam("by"))
MOVE = (
    update(DELIVERY)
    .where(DELIVERY.c.address_id == bindparam("at"), DELIVERY.c.state == "pending", DELIVERY.c.operation == "send")
    .values(lane=bindparam("into"))
)
OTHERS = select(BEGUN.c.bot).where(BEGUN.c.person == bindparam("whose")).order_by(BEGUN.c.bot)
NOTE = insert_new(BEGUN)
FORGET = delete(BEGUN).where(BEGUN.c.person == bindparam("whose"), BEGUN.c.bot == bindparam("which"))


def heard(tx: Tx, person: UUID, bot: int | None) -> bool:
    """Somebody has written to this bot: it is the one that reaches them from now on. Gives whether none did before."""
    ways = addresses.of_person(tx, person)
    if any(way.channel == CHAT and way.bot == bot for way in ways):
        return False
    row = tx.connection.execute(THEIRS, {"whose": person}).first()
    if row is None:
        return False
    if row.bot != bot:
        if row.disabled_at is None:
            tx.connection.execute(NOTE, {"person": person, "bot": row.bot or FIRST})
        _reach(tx, row.id, person, bot)
    return addresses.revive(tx, person, CHAT)


def by_another(tx: Tx, way: Address, *, for_now: bool = False) -> bool:
    """The bot by which this address was reached cannot write there any more: from now on another does that they have
    begun and that is here. False when there is none. `for_now` when it may be able to again."""
    begun = {row.bot for row in tx.connection.execute(OTHERS, {"whose": way.person})}
    others = [bot for bot in bots.here(tx, way.side) if (bot or FIRST) in begun and bot != way.bot]
    if way.channel != CHAT or not others:
        return False
    _reach(tx, way.id, way.person, others[0])
    if for_now:
        tx.connection.execute(NOTE, {"person": way.person, "bot": way.bot or FIRST})
    return True


def follow(tx: Tx, address_id: int) -> None:
    """What is new for this address, and has not left, goes by the bot that reaches it."""
    way = addresses.address(tx, address_id)
    if way is not None:
        tx.connection.execute(MOVE, {"at": way.id, "into": bots.of_bot(f"{way.side}:{CHAT}", way.bot)})


def reached_by(tx: Tx, side: str, bot: int | None) -> list[Address]:
    """The addresses in use that this bot reaches."""
    return _some(tx, side, bot, ADDRESS.c.disabled_at.is_(None))


def waiting_for(tx: Tx, side: str, bot: int | None) -> list[Address]:
    """The addresses that are out of use since this bot is gone."""
    return _some(tx, side, bot, ADDRESS.c.disabled_why == GONE)


def _some(tx: Tx, side: str, bot: int | None, state: ColumnElement[bool]) -> list[Address]:
    chosen = BY.where(ADDRESS.c.bot.is_(None) if bot is None else ADDRESS.c.bot == bot, state).order_by(ADDRESS.c.id)
    numbers = tx.connection.execute(chosen, {"of_side": side}).scalars().all()
    found = (addresses.address(tx, number) for number in numbers)
    return [way for way in found if way is not None]


def _reach(tx: Tx, number: int, person: UUID, bot: int | None) -> None:
    tx.connection.execute(REACH, {"number": number, "by": bot})
    tx.connection.execute(FORGET, {"whose": person, "which": bot or FIRST})
    tx.known.forget_all()
    follow(tx, number)
