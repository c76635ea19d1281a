"""The bots of each side, and which of them people have begun besides the one that reaches them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Uuid
from sqlmodel import Field, SQLModel

from store.columns import UtcTime

from .people import SIDES
from .table import check, index_where, one_of, table_of


class Bot(SQLModel, table=True):
    """One bot, by the number that its messenger gave it. The first of a side is the one whose rows name no bot, for
    ever; `gone_at` is since when the settings do not name it."""

    __tablename__ = "bot"
    __table_args__ = (
        check("bot_side", one_of("side", SIDES)),
        index_where("bot_first_of_side", "is_first", "side", unique=True),
    )

    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    side: str
    is_first: bool
    gone_at: datetime | None = Field(sa_type=UtcTime)


class Begun(SQLModel, table=True):
    """That somebody may be written to by a bot besides the one by which they are reached; 0 is the first of their
    side."""

    __tablename__ = "begun"

    person: UUID = Field(primary_key=True, sa_type=Uuid, foreign_key="person.id", ondelete="CASCADE")
    bot: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})


BOT = table_of(Bot)
BEGUN = table_of(Begun)
