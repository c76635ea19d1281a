"""Who works on this database, and how well each bot is heard by whoever polls for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlmodel import Field, SQLModel

from store.columns import UtcTime

from .table import table_of


class Worker(SQLModel, table=True):
    """One run of the service. `seen_at` is when it last said that it is alive; `guard` the number of the lock that it
    holds for as long as its connection lives, None while it has none."""

    __tablename__ = "worker"
    __table_args__ = (Index("worker_seen", "seen_at"),)

    id: UUID = Field(primary_key=True, sa_type=Uuid)
    guard: int | None
    began_at: datetime = Field(sa_type=UtcTime)
    seen_at: datetime = Field(sa_type=UtcTime)


class Listening(SQLModel, table=True):
    """How a bot is heard: when its messenger last answered whoever polls, and whether more waits there than was
    given."""

    __tablename__ = "listening"

    source: str = Field(primary_key=True)
    answered_at: datetime = Field(sa_type=UtcTime)
    behind: bool


class Compatible(SQLModel, table=True):
    """A revision before this one whose programs may go on with the schema as it is."""

    __tablename__ = "compatible"

    revision: str = Field(primary_key=True)


WORKER = table_of(Worker)
LISTENING = table_of(Listening)
