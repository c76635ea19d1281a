"""Outcomes: what became of a try, written down by whoever it belongs to.

The number of the attempt is the token of the settle: who comes back after somebody else has settled changes nothing and
is told so.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal

from sqlalchemy import Boolean, Update, bindparam, case, delete, exists, literal_column, or_, select, update

from .contents import OF_INCIDENT, SUBJECT, blind_message, seal_shown
from .database import Tx
from .tables.calling import INCIDENT
from .tables.messages import ATTEMPT, DELIVERY

IS_PENDING = DELIVERY.c.state == literal_column("'pending'")
IS_SENDING = DELIVERY.c.state == literal_column("'sending'")
other = DELIVERY.alias("other")

OURS = (DELIVERY.c.id == bindparam("number"), DELIVERY.c.attempt == bindparam("token"), IS_SENDING)
SETTLE = update(DELIVERY).where(*OURS).values(lease_until=None, worker=None)
ACCEPTED = SETTLE.values(state="accepted")
SHOWN = ACCEPTED.values(message=bindparam("found_by"), shown_as=bindparam("as"))
ON_THEIR_WAY = (
    select(DELIVERY.c.id, DELIVERY.c.attempt, DELIVERY.c.cell, DELIVERY.c.tier, DELIVERY.c.address_id)
    .add_columns(SUBJECT.label("subject"))
    .outerjoin(INCIDENT, OF_INCIDENT)
    .where(DELIVERY.c.id.in_(bindparam("numbers", expanding=True)), IS_SENDING)
    .order_by(DELIVERY.c.id)
    .with_for_update(of=DELIVERY)
)
FAILED = SETTLE.values(state="failed")
GIVE_BACK = SETTLE.values(
    state=case((DELIVERY.c.withdrawn, "cancelled"), else_="pending"), not_before=bindparam("later")
)
AGAIN = GIVE_BACK.values(maybe_repeat=or_(DELIVERY.c.maybe_repeat, bindparam("may_have_arrived", type_=Boolean)))
UNTRIED = GIVE_BACK.values(attempt=DELIVERY.c.attempt - 1)
SUPERSEDED = (
    update(DELIVERY)
    .where(
        DELIVERY.c.id == bindparam("number"),
        DELIVERY.c.operation == "edit",
        IS_PENDING,
        exists().where(
            other.c.state == literal_column("'pending'"),
            other.c.operation == literal_column("'edit'"),
            other.c.address_id == DELIVERY.c.address_id,
            other.c.message == DELIVERY.c.message,
            other.c.id != DELIVERY.c.id,
        ),
    )
    .values(state="cancelled")
)
FINISH = (
    update(ATTEMPT)
    .where(ATTEMPT.c.delivery == bindparam("number"), ATTEMPT.c.n == bindparam("token"))
    .values(finished_at=bindparam("at"), outcome=bindparam("became"), detail=bindparam("why"))
)
FORGET = delete(ATTEMPT).where(ATTEMPT.c.delivery == bindparam("number"), ATTEMPT.c.n == bindparam("token"))
STANDS = select(DELIVERY.c.withdrawn).where(*OURS)


class Hand(StrEnum):
    """Who may send what somebody took a while ago."""

    OURS = "ours"
    NOBODYS = "nobody's"  # it was taken back: there is nothing left to say
    ANOTHERS = "another's"  # we were taken for lost, and the try counts as one whose outcome nobody knows


Taken = tuple[int, int, str | None]  # a delivery, its attempt, and what the channel calls the message


def accepted(tx: Tx, delivery: int, attempt: int, message_id: str | None) -> bool:
    """As `all_accepted`, of one. False when somebody else has settled this attempt."""
    return bool(all_accepted(tx, [(delivery, attempt, message_id)]))


def all_accepted(tx: Tx, taken: Sequence[Taken]) -> set[int]:
    """The channel took these; what it calls the message is kept of a call. Gives those that nobody else has settled."""
    found = tx.connection.execute(ON_THEIR_WAY, {"numbers": [number for number, _, _ in taken]})
    places = {(row.id, row.attempt): row for row in found}
    ours = [one for one in taken if one[:2] in places]
    named, nameless = [], []
    for number, attempt, message_id in ours:
        place, token = places[number, attempt], {"number": number, "token": attempt}
        if message_id is None:
            nameless.append(token)
            continue
        shown = seal_shown(tx, place.subject, place.cell, message_id) if place.tier is not None else None
        named.append({**token, "as": shown, "found_by": blind_message(tx, place.address_id, message_id)})
    for statement, words in ((SHOWN, named), (ACCEPTED, nameless)):
        if words:
            tx.connection.execute(statement, words)
    if ours:
        done = {"at": tx.now, "became": "accepted", "why": None}
        tx.connection.execute(FINISH, [{"number": number, "token": attempt, **done} for number, attempt, _ in ours])
    return {number for number, _, _ in ours}


def retry(
    tx: Tx, delivery: int, attempt: int, not_before: datetime, outcome: Literal["temp", "unknown"], detail: str
) -> bool:
    """Have it tried again, unless it was taken back meanwhile. False when somebody else has settled this attempt.

    "unknown": it may have arrived, and every later try says so."""
    words = {"later": not_before, "may_have_arrived": outcome == "unknown"}
    if not _settle(tx, AGAIN, delivery, attempt, outcome, detail, words):
        return False
    tx.connection.execute(SUPERSEDED, {"number": delivery})
    return True


def failed(tx: Tx, delivery: int, attempt: int, outcome: Literal["perm", "unknown"], detail: str) -> bool:
    """It will not be tried again. False when somebody else has settled this attempt."""
    return _settle(tx, FAILED, delivery, attempt, outcome, detail, {})


def defer(tx: Tx, delivery: int, attempt: int, not_before: datetime) -> bool:
    """Give it back untried: the attempt counts for nothing. False when somebody else has settled it."""
    words = {"number": delivery, "token": attempt, "later": not_before}
    if not tx.connection.execute(UNTRIED, words).rowcount:
        return False
    tx.connection.execute(FORGET, {"number": delivery, "token": attempt})
    tx.connection.execute(SUPERSEDED, {"number": delivery})
    return True


def in_hand(tx: Tx, delivery: int, attempt: int) -> Hand:
    """Whose it is to send, now that some time has gone by since it was taken."""
    row = tx.connection.execute(STANDS, {"number": delivery, "token": attempt}).first()
    if row is None:
        return Hand.ANOTHERS
    return Hand.NOBODYS if row.withdrawn else Hand.OURS


def _settle(
    tx: Tx, statement: Update, delivery: int, attempt: int, outcome: str, detail: str | None, words: dict[str, object]
) -> bool:
    ours = {"number": delivery, "token": attempt}
    if not tx.connection.execute(statement, {**ours, **words}).rowcount:
        return False
    tx.connection.execute(FINISH, {**ours, "at": tx.now, "became": outcome, "why": detail})
    return True
