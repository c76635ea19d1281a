"""Buttons that were shown and not pressed yet, and the spoken checks of who has followed an invitation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, Uuid
from sqlmodel import Field, SQLModel

from store.columns import RowNumber, UtcTime

from .table import check, table_of


class Press(SQLModel, table=True):
    """One button under one message, as far as it can be pressed. What it says is sealed.

    `attempt` is the try of `delivery` with which it was shown. `dies_at` is set once the message shows newer ones."""

    __tablename__ = "press"
    __table_args__ = (Index("press_of_person", "person"), Index("press_ends", "expires_at"))

    id_hash: str = Field(primary_key=True)
    person: UUID = Field(sa_type=Uuid, foreign_key="person.id", ondelete="CASCADE")
    delivery: int = Field(sa_type=RowNumber)
    attempt: int
    says: bytes = Field(sa_type=LargeBinary)
    expires_at: datetime = Field(sa_type=UtcTime)
    dies_at: datetime | None = Field(sa_type=UtcTime)
    used_at: datetime | None = Field(sa_type=UtcTime)


class SpokenCheck(SQLModel, table=True):
    """That somebody has followed an invitation, and whether it was found, by voice, to be the person it was for.

    `numbers` name the words that both sides read to each other."""

    __tablename__ = "spoken_check"
    __table_args__ = (
        ForeignKeyConstraint(
            ["person", "side"], ["person.id", "person.side"], name="spoken_check_person_fkey", ondelete="CASCADE"
        ),
        check("spoken_check_numbers", "length(numbers) = 8"),
    )

    person: UUID = Field(primary_key=True, sa_type=Uuid)
    side: str
    numbers: str
    begun_at: datetime = Field(sa_type=UtcTime)
    confirmed_at: datetime | None = Field(sa_type=UtcTime)


PRESS = table_of(Press)
SPOKEN_CHECK = table_of(SpokenCheck)
