"""Codes, and what was asked with them and has not taken effect yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Uuid
from sqlmodel import Field, SQLModel

from store.columns import UtcTime

from .table import table_of


class Code(SQLModel, table=True):
    """A defender's code, as hashes; see `store.words`. `beneath` is sealed: what is true beneath the code and the safe
    word that show, and looks alike whether or not anything is. None where it was written before there was such a thing,
    and all is true that shows."""

    __tablename__ = "code"

    defender: UUID = Field(primary_key=True, sa_type=Uuid, foreign_key="defender.id", ondelete="CASCADE")
    hashed: str
    beneath: bytes | None = Field(default=None, sa_type=LargeBinary)


class Lowering(SQLModel, table=True):
    """One thing that was asked with a code. `body` is the heart's whole state, sealed; what the code said is in there
    and nowhere else, and all bodies are alike from outside. `wakes_at` is when the heart wants to be asked next."""

    __tablename__ = "lowering"
    __table_args__ = (Index("lowering_of_defender", "defender"), Index("lowering_wakes", "wakes_at"))

    id: UUID = Field(primary_key=True, sa_type=Uuid)
    defender: UUID = Field(sa_type=Uuid, foreign_key="defender.id", ondelete="CASCADE")
    wakes_at: datetime = Field(sa_type=UtcTime)
    body: bytes = Field(sa_type=LargeBinary)


CODE = table_of(Code)
LOWERING = table_of(Lowering)
