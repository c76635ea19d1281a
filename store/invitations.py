"""Invitations: one-time codes, each for one person and one side; a new one replaces the one before.

A code has 128 random bits and more. What is kept of it is a MAC, so that nobody who reads the database can try codes.
Letter case and signs do not count, and I, L and O, which no code has, are 1, 1 and 0 (Crockford's base32)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, update

from .database import Tx
from .tables.people import INVITATION

MISREAD = str.maketrans("ILO", "110")

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


def kept_of(tx: Tx, side: str, code: str) -> str:
    """What is kept of a code, however it was typed; the same letters on the other side are another code."""
    return tx.vault.blind(f"invitation:{side}", "".join(filter(str.isalnum, code)).upper().translate(MISREAD))


def new(tx: Tx, side: str, person: UUID, code: str, expires_at: datetime, bot: int | None = None) -> None:
    """Invite the person, to this bot of their side; a code they had before is worth nothing from now on."""
    withdraw(tx, person)
    kept = kept_of(tx, side, code)
    row = {"side": side, "person": person, "code_hash": kept, "expires_at": expires_at, "bot": bot}
    tx.connection.execute(insert(INVITATION), row)


def redeem(tx: Tx, side: str, code: str) -> UUID | None:
    """Use a code up; gives whom it was for. None when it is unknown, used, too old, or for the other side.

    However many try at once, one of them is given the person."""
    row = {"code": kept_of(tx, side, code), "of_side": side, "at": tx.now}
    person: UUID | None = tx.connection.execute(REDEEM, row).scalar()
    return person


def withdraw(tx: Tx, person: UUID) -> None:
    """Make the person's code worthless."""
    tx.connection.execute(delete(INVITATION).where(INVITATION.c.person == person))
