"""Codes: the hashes of each defender's row of signs."""

from functools import partial
from uuid import UUID

from sqlalchemy import bindparam, select

from .database import Tx
from .tables.lowerings import CODE
from .upsert import insert_or_change

OF = select(CODE.c.hashed).where(CODE.c.defender == bindparam("whose"))
PUT = insert_or_change(CODE, "defender")


def of_defender(tx: Tx, defender: UUID) -> str | None:
    """The hashes of this defender's code, as `words.hash_code` gave them; None while they have chosen none."""
    return tx.known.once("code", defender, partial(_of_defender, tx, defender))


def _of_defender(tx: Tx, defender: UUID) -> str | None:
    hashed: str | None = tx.connection.execute(OF, {"whose": defender}).scalar()
    return hashed


def save(tx: Tx, defender: UUID, hashed: str) -> None:
    """Keep the hashes of a code, in place of any before."""
    tx.connection.execute(PUT, {"defender": defender, "hashed": hashed})
    tx.known.forget("code", defender)
