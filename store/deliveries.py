"""Deliveries: what must be said, to whom, by which channel, and what became of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from .database import Tx
from .records import DeliveryRow, NewDelivery


def put(tx: Tx, new: NewDelivery) -> int | None:
    """To come."""
    raise NotImplementedError


def lease(tx: Tx, lane: str, now: datetime, until: datetime, limit: int) -> list[DeliveryRow]:
    """To come."""
    raise NotImplementedError


def accepted(tx: Tx, delivery: int, attempt: int, message_id: str | None) -> bool:
    """To come."""
    raise NotImplementedError


def retry(
    tx: Tx, delivery: int, attempt: int, not_before: datetime, outcome: Literal["temp", "unknown"], detail: str
) -> bool:
    """To come."""
    raise NotImplementedError


def failed(tx: Tx, delivery: int, attempt: int, outcome: Literal["perm", "unknown"], detail: str) -> bool:
    """To come."""
    raise NotImplementedError


def expired_leases(tx: Tx, now: datetime) -> list[DeliveryRow]:
    """To come."""
    raise NotImplementedError


def next_ready(tx: Tx, lane: str) -> datetime | None:
    """To come."""
    raise NotImplementedError


def cancel(tx: Tx, incident: UUID, persons: Iterable[UUID] | None = None, alarm_only: bool = False) -> int:
    """To come."""
    raise NotImplementedError


def cancel_calls(tx: Tx, incident: UUID, person: UUID) -> int:
    """To come."""
    raise NotImplementedError


def cancel_repeats(tx: Tx, incident: UUID) -> int:
    """To come."""
    raise NotImplementedError


def defer(tx: Tx, delivery: int, attempt: int, not_before: datetime) -> bool:
    """To come."""
    raise NotImplementedError


def shown_alarms(tx: Tx, incident: UUID) -> list[tuple[UUID, str, int, str]]:
    """To come."""
    raise NotImplementedError


def pending_counts(tx: Tx) -> dict[str, int]:
    """To come."""
    raise NotImplementedError


def oldest_pending_alarm(tx: Tx) -> datetime | None:
    """To come."""
    raise NotImplementedError


def of_incident(tx: Tx, incident: UUID) -> list[DeliveryRow]:
    """To come."""
    raise NotImplementedError
