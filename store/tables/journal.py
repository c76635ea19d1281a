"""The journal. Triggers of the migrations refuse every change to it, on both databases.

No key ties it to what it speaks of: it goes on when a person is erased, with an id that means nothing any more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlmodel import Field, SQLModel

from store.columns import Json, RowNumber, UtcTime

from .table import COUNTS_UP, table_of


class Journal(SQLModel, table=True):
    """What happened, or was decided."""

    __tablename__ = "journal"
    __table_args__ = (Index("journal_of_incident", "incident", "id"), COUNTS_UP)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowNumber)
    at: datetime = Field(sa_type=UtcTime)
    incident: UUID | None = Field(sa_type=Uuid)
    defender: UUID | None = Field(sa_type=Uuid)
    actor: UUID | None = Field(sa_type=Uuid)
    event: str
    detail: dict[str, object] = Field(sa_type=Json)


JOURNAL = table_of(Journal)
