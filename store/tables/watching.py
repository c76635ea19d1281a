"""Watches, and when time was last kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlmodel import Field, SQLModel

from escalation.watch import Phase
from store.columns import UtcTime

from .table import check, index_where, one_of, table_of


class Watch(SQLModel, table=True):
    """One agreed sign of life. `body` is the heart's whole state, sealed; the other columns are read off it.

    `wakes_at` is when the heart wants to be asked next: only a resting watch waits for nothing."""

    __tablename__ = "watch"
    __table_args__ = (
        check("watch_phase", one_of("phase", Phase)),
        check("watch_only_rest_sleeps", "(phase = 'resting') = (wakes_at is null)"),
        check("watch_due", "(phase in ('waiting', 'overdue')) = (due_at is not null)"),
        Index("watch_of_defender", "defender"),
        index_where("watch_wakes", "wakes_at is not null", "wakes_at"),
    )

    id: UUID = Field(primary_key=True, sa_type=Uuid)
    defender: UUID = Field(sa_type=Uuid, foreign_key="defender.id", ondelete="CASCADE")
    phase: str
    due_at: datetime | None = Field(sa_type=UtcTime)
    wakes_at: datetime | None = Field(sa_type=UtcTime)
    body: bytes


class Alive(SQLModel, table=True):
    """When the service last kept time. One row."""

    __tablename__ = "alive"
    __table_args__ = (check("alive_is_one_row", "id = 1"),)

    id: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcTime)


WATCH = table_of(Watch)
ALIVE = table_of(Alive)
