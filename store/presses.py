"""Buttons: a one-time token for each thing that a responder may press, bound to them, to what it says and until when.

A token is "a" and the base64url of 16 random bytes, its id, and of a MAC over id, person, what the button says and its
end: 44 characters. Kept are the hash of the id, and what the button says, sealed. So a token can be made by nobody who
reads the database, and a row that was changed there answers to no token. It is used up by one UPDATE, once, however
many press at once.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update

from .contents import blind_message
from .database import Tx
from .discreet import Discreet
from .records import DeliveryRow
from .sealing import HOUSE, Cell, SealBroken, opened, seal
from .tables.messages import DELIVERY
from .tables.presses import PRESS

VALID_FOR = timedelta(hours=24)  # an alarm is repeated or changed long before, with new buttons
ON_ITS_WAY = timedelta(minutes=2)  # what was pressed just before the message changed still counts
TOLD_APART_FOR = timedelta(hours=1)  # so long it is known of a button that was replaced whose it was
ID_BYTES = 16
LETTERS = 43  # of base64url without padding, for 32 bytes

NEW = insert(PRESS)
ONE = select(PRESS).where(PRESS.c.id_hash == bindparam("key"))
USE = (
    update(PRESS)
    .where(
        PRESS.c.id_hash == bindparam("key"),
        PRESS.c.used_at.is_(None),
        PRESS.c.expires_at > bindparam("at"),
        or_(PRESS.c.dies_at.is_(None), PRESS.c.dies_at > bindparam("at")),
    )
    .values(used_at=bindparam("at"))
)
UNDER_THAT_MESSAGE = exists().where(
    DELIVERY.c.id == PRESS.c.delivery,
    DELIVERY.c.address_id == bindparam("where"),
    DELIVERY.c.message == bindparam("message"),
)
OUTDATE = (
    update(PRESS)
    .where(
        PRESS.c.person == bindparam("whose"),
        PRESS.c.used_at.is_(None),
        PRESS.c.dies_at.is_(None),
        or_(PRESS.c.delivery != bindparam("newest"), PRESS.c.attempt != bindparam("newest_try")),
        UNDER_THAT_MESSAGE,
    )
    .values(dies_at=bindparam("soon"))
)


class State(StrEnum):
    """What a button is worth."""

    FRESH = "fresh"
    USED = "used"
    OLD = "old"


@dataclass(frozen=True, slots=True, repr=False)
class Pressed(Discreet):
    """A button of ours that was pressed. `key` names it to `use`; `person` is whose it is."""

    key: str
    person: UUID
    says: str = field(repr=False)
    state: State


def new(tx: Tx, person: UUID, delivery: int, attempt: int, says: Iterable[str]) -> dict[str, str]:
    """A token for each thing that the buttons of one message say, by what it says."""
    [tokens] = new_for_all(tx, [(person, delivery, attempt, says)])
    return tokens


def new_for_all(tx: Tx, messages: Iterable[tuple[UUID, int, int, Iterable[str]]]) -> list[dict[str, str]]:
    """As `new`, for several messages: (person, delivery, attempt, what the buttons say)."""
    expires_at = tx.now + VALID_FOR
    made: list[dict[str, str]] = []
    rows = []
    for person, delivery, attempt, says in messages:
        tokens: dict[str, str] = {}
        for said in dict.fromkeys(says):
            name = secrets.token_bytes(ID_BYTES)
            tokens[said] = "a" + _text(name + _mac(tx, name, person, said, expires_at))
            key = _key(name)
            about = {"id_hash": key, "person": person, "delivery": delivery, "attempt": attempt}
            rows.append({**about, "says": seal(tx, HOUSE, Cell("press", "says", key), said), "expires_at": expires_at})
        made.append(tokens)
    if rows:
        tx.connection.execute(NEW, rows)
    return made


def look(tx: Tx, token: str) -> Pressed | None:
    """Whose button this is, what it says and whether it can still be used; None for what we never made."""
    raw = _raw(token)
    if raw is None:
        return None
    key = _key(raw[:ID_BYTES])
    row = tx.connection.execute(ONE, {"key": key}).mappings().first()
    if row is None:
        return None
    try:
        says = str(opened(tx, HOUSE, Cell("press", "says", key), row["says"]))
    except SealBroken:
        return None
    if not hmac.compare_digest(raw[ID_BYTES:], _mac(tx, raw[:ID_BYTES], row["person"], says, row["expires_at"])):
        return None
    ends = min(one for one in (row["expires_at"], row["dies_at"]) if one is not None)
    unused = State.FRESH if tx.now < ends else State.OLD
    return Pressed(key, row["person"], says, unused if row["used_at"] is None else State.USED)


def use(tx: Tx, key: str) -> bool:
    """Use a button up; False when it was used before, or is too old. However many try at once, one is told True."""
    return tx.connection.execute(USE, {"key": key, "at": tx.now}).rowcount > 0


def outdate(tx: Tx, row: DeliveryRow) -> None:
    """The message that `row` changed shows it now: the buttons it showed before are good for a moment more."""
    words = {"whose": row.person, "where": row.address_id, "message": blind_message(tx, row.address_id, row.message_id)}
    words |= {"newest": row.id, "newest_try": row.attempt, "soon": tx.now + ON_ITS_WAY}
    tx.connection.execute(OUTDATE, words)


def forget(tx: Tx, person: UUID) -> int:
    """Make every button of the person worthless at once; gives how many there were."""
    return tx.connection.execute(delete(PRESS).where(PRESS.c.person == person)).rowcount


def prune(tx: Tx) -> int:
    """Delete what nobody can press any more; gives how many rows."""
    over = or_(PRESS.c.expires_at <= tx.now, PRESS.c.dies_at <= tx.now - TOLD_APART_FOR)
    return tx.connection.execute(delete(PRESS).where(over)).rowcount


def _mac(tx: Tx, name: bytes, person: UUID, says: str, expires_at: datetime) -> bytes:
    return tx.vault.mac("press", name, person.bytes, says.encode(), expires_at.isoformat().encode())


def _key(name: bytes) -> str:
    return hashlib.sha256(name).hexdigest()


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _raw(token: str) -> bytes | None:
    """Id and MAC of a token; None unless it is written exactly as we write them."""
    if len(token) != 1 + LETTERS or token[0] != "a":
        return None
    try:
        raw = urlsafe_b64decode(f"{token[1:]}=")
    except ValueError:
        return None
    return raw if _text(raw) == token[1:] else None
