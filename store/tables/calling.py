"""Incidents, who has heard of them, what was done about them, and what the defender sent along."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Uuid
from sqlmodel import Field, SQLModel

from escalation.incident_state import Phase
from store.columns import UtcTime

from .table import check, index_where, one_of, table_of


class Incident(SQLModel, table=True):
    """One call for help. `body` is the heart's whole state, sealed; the other columns are read off it.

    None of them tells of what kind it is, nor how it ended: one that nobody may see looks like any other. `opened_by`
    is the blind index of what opened it, so that the same cause opens one incident; `cause` is what that was, and the
    due time that was missed, sealed. `wakes_at` is when the heart wants to be asked next: only a closed incident waits
    for nothing."""

    __tablename__ = "incident"
    __table_args__ = (
        check("incident_phase", one_of("phase", Phase)),
        check("incident_only_closed_sleeps", "(phase = 'closed') = (wakes_at is null)"),
        check("incident_held_by", "(phase = 'held') = (holder is not null)"),
        check("incident_held_until", "(holder is null) = (held_until is null)"),
        check("incident_closed_at", "(phase = 'closed') = (closed_at is not null)"),
        Index("incident_opened_by", "opened_by", unique=True),
        Index("incident_reference", "reference", unique=True),
        index_where("incident_wakes", "wakes_at is not null", "wakes_at"),
        index_where("incident_open_of", "phase <> 'closed'", "defender"),
        Index("incident_opened", "opened_at"),
    )

    id: UUID = Field(primary_key=True, sa_type=Uuid)
    defender: UUID = Field(sa_type=Uuid, foreign_key="defender.id", ondelete="CASCADE")
    reference: str
    opened_by: str
    phase: str
    opened_at: datetime = Field(sa_type=UtcTime)
    wakes_at: datetime | None = Field(sa_type=UtcTime)
    holder: UUID | None = Field(sa_type=Uuid)
    held_until: datetime | None = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(sa_type=UtcTime)
    cause: bytes
    body: bytes


class Heard(SQLModel, table=True):
    """That a responder was called to an incident or told of it.

    No key holds the person: a call must not fail because somebody was removed a moment ago."""

    __tablename__ = "heard"
    __table_args__ = (Index("heard_by", "person"),)

    incident: UUID = Field(primary_key=True, sa_type=Uuid, foreign_key="incident.id", ondelete="CASCADE")
    person: UUID = Field(primary_key=True, sa_type=Uuid)


class Tick(SQLModel, table=True):
    """That a line of the runbook was done for an incident."""

    __tablename__ = "tick"

    incident: UUID = Field(primary_key=True, sa_type=Uuid, foreign_key="incident.id", ondelete="CASCADE")
    line: str = Field(primary_key=True)
    by: UUID = Field(sa_type=Uuid)
    at: datetime = Field(sa_type=UtcTime)


class Attachment(SQLModel, table=True):
    """What a defender sent along; without an incident it is loose. What it is, is sealed, but for whether it tells a
    place: the last one is asked for with every alarm."""

    __tablename__ = "attachment"
    __table_args__ = (
        Index("attachment_of_incident", "incident", "at"),
        Index("attachment_of_defender", "defender", "at"),
    )

    id: UUID = Field(primary_key=True, sa_type=Uuid)
    defender: UUID = Field(sa_type=Uuid, foreign_key="defender.id", ondelete="CASCADE")
    incident: UUID | None = Field(sa_type=Uuid, foreign_key="incident.id", ondelete="CASCADE")
    tells_place: bool
    content: bytes
    at: datetime = Field(sa_type=UtcTime)


INCIDENT = table_of(Incident)
HEARD = table_of(Heard)
TICK = table_of(Tick)
ATTACHMENT = table_of(Attachment)
