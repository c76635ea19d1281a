"""Addresses: where a person can be reached, whether it was verified, when it last worked."""

from uuid import UUID

from .database import Tx
from .records import Address


def person_at(tx: Tx, side: str, channel: str, address: str) -> UUID | None:
    """To come."""
    raise NotImplementedError


def add(tx: Tx, person: UUID, side: str, channel: str, address: str, verified: bool) -> Address:
    """To come."""
    raise NotImplementedError


def of_person(tx: Tx, person: UUID) -> tuple[Address, ...]:
    """To come."""
    raise NotImplementedError


def address(tx: Tx, address_id: int) -> Address | None:
    """To come."""
    raise NotImplementedError


def disable(tx: Tx, address_id: int, why: str) -> None:
    """To come."""
    raise NotImplementedError


def enable(tx: Tx, address_id: int) -> None:
    """To come."""
    raise NotImplementedError


def revive(tx: Tx, person: UUID, channel: str) -> bool:
    """To come."""
    raise NotImplementedError


def worked(tx: Tx, address_id: int) -> None:
    """To come."""
    raise NotImplementedError


def moved(tx: Tx, address_id: int, new_address: str) -> None:
    """To come."""
    raise NotImplementedError
