"""Incidents: their state as the heart made it, with what is due as a column."""

from datetime import datetime
from uuid import UUID

from escalation.incident_state import Incident
from escalation.people import IncidentId

from .database import Tx


def load(tx: Tx, incident: UUID) -> Incident | None:
    """To come."""
    raise NotImplementedError


def insert(tx: Tx, incident: Incident, opened_by: str, due_at: datetime | None) -> bool:
    """To come."""
    raise NotImplementedError


def save(tx: Tx, incident: Incident) -> None:
    """To come."""
    raise NotImplementedError


def reference(tx: Tx, incident: UUID) -> str:
    """To come."""
    raise NotImplementedError


def due_at(tx: Tx, incident: UUID) -> datetime | None:
    """To come."""
    raise NotImplementedError


def due(tx: Tx, now: datetime, limit: int) -> list[IncidentId]:
    """To come."""
    raise NotImplementedError


def next_wake(tx: Tx) -> datetime | None:
    """To come."""
    raise NotImplementedError


def open_of_defender(tx: Tx, defender: UUID) -> tuple[Incident, ...]:
    """To come."""
    raise NotImplementedError


def open_about(tx: Tx, responder: UUID) -> tuple[Incident, ...]:
    """To come."""
    raise NotImplementedError


def recent(tx: Tx, limit: int, only_open: bool = False) -> tuple[Incident, ...]:
    """To come."""
    raise NotImplementedError


def by_reference(tx: Tx, ref: str) -> Incident | None:
    """To come."""
    raise NotImplementedError
