"""The inbox: what the messengers gave us, raw and in order, until it was handled."""

from datetime import datetime

from .database import Tx
from .records import InboxRow


def keep(tx: Tx, source: str, update_id: int, chat: str, raw: bytes, urgent: bool) -> bool:
    """To come."""
    raise NotImplementedError


def keep_aside(tx: Tx, source: str, update_id: int, raw: bytes, why: str) -> bool:
    """To come."""
    raise NotImplementedError


def waiting(tx: Tx, limit: int) -> list[InboxRow]:
    """To come."""
    raise NotImplementedError


def done(tx: Tx, row_id: int) -> None:
    """To come."""
    raise NotImplementedError


def failed(tx: Tx, row_id: int, error: str) -> int:
    """To come."""
    raise NotImplementedError


def set_aside(tx: Tx, row_id: int, why: str) -> None:
    """To come."""
    raise NotImplementedError


def counts(tx: Tx) -> dict[str, int]:
    """To come."""
    raise NotImplementedError


def prune(tx: Tx, before: datetime) -> int:
    """To come."""
    raise NotImplementedError
