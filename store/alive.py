"""When the service last kept time, so that an absence of ours can be told from silence."""

from datetime import datetime

from .database import Tx


def mark(tx: Tx, now: datetime) -> None:
    """To come."""
    raise NotImplementedError


def last(tx: Tx) -> datetime | None:
    """To come."""
    raise NotImplementedError
