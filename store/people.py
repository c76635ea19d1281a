"""People: defenders, responders, and who stands in which tier of whom."""

from datetime import datetime, time
from typing import TypedDict, Unpack
from uuid import UUID

from escalation.people import DefenderId, ResponderId, Role

from .database import Tx
from .records import DefenderRecord, ResponderRecord, Words


class DefenderChange(TypedDict, total=False):
    """What of a defender can be changed."""

    name: str
    language: str
    zone: str
    state: str
    profile: str
    chain: str
    times: tuple[time, ...]
    safe_word: str | None
    dialogue_state: str | None
    dialogue_data: dict[str, Words]
    consented_at: datetime | None


class ResponderChange(TypedDict, total=False):
    """What of a responder can be changed."""

    name: str
    language: str
    zone: str
    role: Role
    state: str
    away_until: datetime | None
    dialogue_state: str | None
    dialogue_data: dict[str, Words]
    consented_at: datetime | None


def add_defender(tx: Tx, name: str, *, language: str, zone: str, profile: str, chain: str) -> DefenderId:
    """To come."""
    raise NotImplementedError


def add_responder(tx: Tx, name: str, role: Role, *, language: str, zone: str = "UTC") -> ResponderId:
    """To come."""
    raise NotImplementedError


def defender(tx: Tx, person: UUID) -> DefenderRecord | None:
    """To come."""
    raise NotImplementedError


def responder(tx: Tx, person: UUID) -> ResponderRecord | None:
    """To come."""
    raise NotImplementedError


def defenders(tx: Tx) -> list[DefenderRecord]:
    """To come."""
    raise NotImplementedError


def responders(tx: Tx) -> list[ResponderRecord]:
    """To come."""
    raise NotImplementedError


def change_defender(tx: Tx, person: UUID, **fields: Unpack[DefenderChange]) -> None:
    """To come."""
    raise NotImplementedError


def change_responder(tx: Tx, person: UUID, **fields: Unpack[ResponderChange]) -> None:
    """To come."""
    raise NotImplementedError


def place_in_tier(tx: Tx, defender: UUID, tier: str, responder: UUID) -> None:
    """To come."""
    raise NotImplementedError


def take_from_tier(tx: Tx, defender: UUID, tier: str, responder: UUID) -> None:
    """To come."""
    raise NotImplementedError


def own_tiers(tx: Tx, defender: UUID) -> dict[str, tuple[ResponderId, ...]]:
    """To come."""
    raise NotImplementedError


def active_of_role(tx: Tx, role: Role) -> tuple[ResponderId, ...]:
    """To come."""
    raise NotImplementedError


def remove_responder(tx: Tx, person: UUID) -> None:
    """To come."""
    raise NotImplementedError


def erase_defender(tx: Tx, person: UUID) -> None:
    """To come."""
    raise NotImplementedError
