"""The bots of each side: their names in rows, which are there, and which of them has the fewest people.

A bot is known by its number, whatever its token is. The first that an instance ever had on a side has none in any
name, and what is of it bears no mark: see `marks`.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, bindparam, func, select, update

from .database import Tx
from .marks import apart, of_bot
from .tables.bots import BOT
from .tables.people import ADDRESS, INVITATION
from .upsert import insert_or_change

__all__ = ["apart", "begin", "by_people", "gone", "here", "of_bot"]

OF_SIDE = select(BOT.c.number, BOT.c.is_first, BOT.c.gone_at).where(BOT.c.side == bindparam("of_side"))
IS_HERE = insert_or_change(BOT, "number")
GO = (
    update(BOT)
    .where(
        BOT.c.side == bindparam("of_side"),
        BOT.c.gone_at.is_(None),
        BOT.c.number.not_in(bindparam("here", expanding=True)),
    )
    .values(gone_at=bindparam("at"))
)
PEOPLE = (
    select(ADDRESS.c.bot, func.count())
    .where(ADDRESS.c.side == bindparam("of_side"), ADDRESS.c.channel == "telegram", ADDRESS.c.disabled_at.is_(None))
    .group_by(ADDRESS.c.bot)
)
INVITED = (
    select(INVITATION.c.bot, func.count())
    .where(
        INVITATION.c.side == bindparam("of_side"),
        INVITATION.c.used_at.is_(None),
        INVITATION.c.expires_at > bindparam("at"),
    )
    .group_by(INVITATION.c.bot)
)


def begin(tx: Tx, side: str, numbers: Sequence[int]) -> list[int | None]:
    """These are the bots of a side from now on; gives by what each is named: its number, or None.

    Whichever was the first when there was none before stays the one without a number for ever. Works while locked."""
    first = next((row.number for row in tx.connection.execute(OF_SIDE, {"of_side": side}) if row.is_first), numbers[0])
    for number in numbers:
        row = {"number": number, "side": side, "is_first": number == first, "gone_at": None}
        tx.connection.execute(IS_HERE, row)
    tx.connection.execute(GO, {"of_side": side, "here": list(numbers), "at": tx.now})
    return [None if number == first else number for number in numbers]


def here(tx: Tx, side: str) -> list[int | None]:
    """The bots of a side that the settings name, by what they are named."""
    return [_name(row) for row in tx.connection.execute(OF_SIDE, {"of_side": side}) if row.gone_at is None]


def gone(tx: Tx, side: str) -> list[int | None]:
    """The bots of a side that the settings do not name any more."""
    return [_name(row) for row in tx.connection.execute(OF_SIDE, {"of_side": side}) if row.gone_at is not None]


def by_people(tx: Tx, side: str) -> list[int | None]:
    """The bots of a side that are here, the one first to which the fewest people have come or are invited."""
    counted: dict[int | None, int] = {}
    for ask in (PEOPLE, INVITED):
        for bot, count in tx.connection.execute(ask, {"of_side": side, "at": tx.now}):
            counted[bot] = counted.get(bot, 0) + count
    return sorted(here(tx, side), key=lambda bot: (counted.get(bot, 0), bot or 0))


def _name(row: Row[int, bool, datetime | None]) -> int | None:
    return None if row.is_first else row.number
