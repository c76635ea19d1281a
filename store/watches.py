"""Watches: their state as the heart made it, with what is due as a column."""

from datetime import datetime
from uuid import UUID

from escalation.people import WatchId
from escalation.watch import Watch

from .database import Tx


def load(tx: Tx, watch: UUID) -> Watch | None:
    """To come."""
    raise NotImplementedError


def of_defender(tx: Tx, defender: UUID) -> tuple[Watch, ...]:
    """To come."""
    raise NotImplementedError


def save(tx: Tx, watch: Watch) -> None:
    """To come."""
    raise NotImplementedError


def due(tx: Tx, now: datetime, limit: int) -> list[WatchId]:
    """To come."""
    raise NotImplementedError


def next_wake(tx: Tx) -> datetime | None:
    """To come."""
    raise NotImplementedError


def overdue_alarms(tx: Tx, now: datetime) -> list[WatchId]:
    """To come."""
    raise NotImplementedError
