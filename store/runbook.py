"""The runbook's ticks: which line of which incident somebody has done."""

from uuid import UUID

from .database import Tx


def tick(tx: Tx, incident: UUID, line: str, by: UUID) -> bool:
    """To come."""
    raise NotImplementedError


def ticked(tx: Tx, incident: UUID) -> tuple[str, ...]:
    """To come."""
    raise NotImplementedError
