"""Invitations: one-time codes, kept as hashes, each for one person and one side."""

from datetime import datetime
from uuid import UUID

from .database import Tx


def new(tx: Tx, side: str, person: UUID, code_hash: str, expires_at: datetime) -> None:
    """To come."""
    raise NotImplementedError


def redeem(tx: Tx, side: str, code_hash: str) -> UUID | None:
    """To come."""
    raise NotImplementedError


def withdraw(tx: Tx, person: UUID) -> None:
    """To come."""
    raise NotImplementedError
