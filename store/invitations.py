"""Invitations: one-time codes, kept as hashes, each for one person and one side; a new one replaces the one before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, update

from .database import Tx
from .tables.people import INVITATION

REDEEM = (
    update(INVITATION)
    .where(
        INVITATION.c.code_hash == bindparam("code"),
        INVITATION.c.side == bindparam("of_side"),
        INVITATION.c.used_at.is_(None),
        INVITATION.c.expires_at > bindparam("at"),
    )
    .values(used_at=bindparam("at"))
    .returning(INVITATION.c.person)
)


def new(tx: Tx, side: str, person: UUID, code_hash: str, expires_at: datetime) -> None:
    """Invite the person; a code they had before is worth nothing from now on."""
    withdraw(tx, person)
    row = {"side": side, "person": person, "code_hash": code_hash, "expires_at": expires_at, "used_at": None}
    tx.connection.execute(insert(INVITATION), row)


def redeem(tx: Tx, side: str, code_hash: str) -> UUID | None:
    """Use a code up; gives whom it was for. None when it is unknown, used, too old, or for the other side.

    However many try at once, one of them is given the person."""
    row = {"code": code_hash, "of_side": side, "at": tx.now}
    person: UUID | None = tx.connection.execute(REDEEM, row).scalar()
    return person


def withdraw(tx: Tx, person: UUID) -> None:
    """Make the person's code worthless."""
    tx.connection.execute(delete(INVITATION).where(INVITATION.c.person == person))
