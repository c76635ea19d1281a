"""Leasing and settling: who takes a delivery, for how long, and what became of the try.

A delivery on its way belongs to one worker until its lease ends. The number of the attempt is the token of the settle:
who comes back after somebody else has settled changes nothing and is told so.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlalchemy import (
    Boolean,
    Row,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from .addresses import open_address
from .contents import OF_INCIDENT, SUBJECT, blind_message, open_content, seal_shown
from .database import Tx
from .records import DeliveryRow
from .tables.calling import INCIDENT
from .tables.messages import ATTEMPT, DELIVERY
from .tables.people import ADDRESS

IS_PENDING = DELIVERY.c.state == literal_column("'pending'")
IS_SENDING = DELIVERY.c.state == literal_column("'sending'")
IN_LANE = DELIVERY.c.lane == bindparam("in_lane")
other = DELIVERY.alias("other")

LEAST_URGENT, NOBODY = 1_000, -1  # come after and before every class there is

SEALED = ("template", "words", "message_id", "address")
PLAIN = tuple(name for name in DeliveryRow.__dataclass_fields__ if name not in SEALED)
ROWS = (
    select(*(DELIVERY.c[name] for name in PLAIN))
    .add_columns(DELIVERY.c.cell, DELIVERY.c.content, SUBJECT.label("subject"), ADDRESS.c.address)
    .join(ADDRESS, ADDRESS.c.id == DELIVERY.c.address_id)
    .outerjoin(INCIDENT, OF_INCIDENT)
)
BY_NUMBER = ROWS.where(DELIVERY.c.id.in_(bindparam("numbers", expanding=True)))

MESSAGE_IS_FREE = or_(  # two edits of one message at once might land in either order
    DELIVERY.c.operation != "edit",
    ~exists().where(
        other.c.state == literal_column("'sending'"),
        other.c.address_id == DELIVERY.c.address_id,
        other.c.message == DELIVERY.c.message,
    ),
)
CHAT_IS_FREE = or_(  # what is no message of its own takes no place in the chat
    DELIVERY.c.urgency <= bindparam("anyhow"),
    DELIVERY.c.operation.in_(("answer", "delete")),
    DELIVERY.c.address_id.not_in(bindparam("full", expanding=True)),
)
NEVER_PUT_OFF = and_(  # what is called first leaves at once, whatever the clock has shown since
    DELIVERY.c.urgency <= bindparam("anyhow"), DELIVERY.c.not_before == DELIVERY.c.created_at
)
READY = (
    select(DELIVERY.c.id, DELIVERY.c.expires_at)
    .where(
        IN_LANE,
        IS_PENDING,
        DELIVERY.c.urgency <= bindparam("least"),
        or_(DELIVERY.c.not_before <= bindparam("at"), NEVER_PUT_OFF),
        MESSAGE_IS_FREE,
        CHAT_IS_FREE,
    )
    .order_by(DELIVERY.c.urgency, DELIVERY.c.turn, DELIVERY.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=DELIVERY)
)
TAKE = (
    update(DELIVERY)
    .where(DELIVERY.c.id.in_(bindparam("numbers", expanding=True)))
    .values(state="sending", attempt=DELIVERY.c.attempt + 1, lease_until=bindparam("until"))
    .returning(DELIVERY.c.id, DELIVERY.c.attempt)
)
BEGIN = insert(ATTEMPT).inline()
EXPIRE = update(DELIVERY).where(DELIVERY.c.id.in_(bindparam("numbers", expanding=True))).values(state="expired")
OURS = (DELIVERY.c.id == bindparam("number"), DELIVERY.c.attempt == bindparam("token"), IS_SENDING)
SETTLE = update(DELIVERY).where(*OURS).values(lease_until=None)
ACCEPTED = SETTLE.values(state="accepted")
SHOWN = ACCEPTED.values(message=bindparam("found_by"), shown_as=bindparam("as"))
PLACE_OF = (
    select(DELIVERY.c.cell, DELIVERY.c.tier, DELIVERY.c.address_id, SUBJECT.label("subject"))
    .outerjoin(INCIDENT, OF_INCIDENT)
    .where(DELIVERY.c.id == bindparam("number"))
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
LAPSED = ROWS.where(IS_SENDING, DELIVERY.c.lease_until < bindparam("at")).order_by(DELIVERY.c.lease_until)
TAKEN_BACK = select(DELIVERY.c.withdrawn).where(DELIVERY.c.id == bindparam("number"))
NEXT_READY = select(func.min(DELIVERY.c.not_before)).where(IN_LANE, IS_PENDING)


def lease(
    tx: Tx,
    lane: str,
    now: datetime,
    until: datetime,
    limit: int,
    *,
    least_urgent: int = LEAST_URGENT,
    full: Collection[int] = (),
    anyhow: int = NOBODY,
) -> list[DeliveryRow]:
    """Take up to `limit` deliveries of a lane until `until`, each begun as a new attempt, in the order of sending:
    by urgency, fair between incidents, the oldest first. What is not worth saying any more is passed over for good.

    Nothing is taken whose urgency comes after `least_urgent`, nor a message for an address in `full`, unless its
    urgency is `anyhow` or before it."""
    taken: list[int] = []
    while len(taken) < limit:
        words = {"in_lane": lane, "at": now, "most": limit - len(taken), "least": least_urgent}
        words |= {"full": list(full) or [NOBODY], "anyhow": anyhow}  # an empty list would be a scan of nothing
        found = tx.connection.execute(READY, words).all()
        stale = [number for number, expires_at in found if expires_at is not None and expires_at <= now]
        if stale:
            tx.connection.execute(EXPIRE, {"numbers": stale})
        taken += _take(tx, [number for number, _ in found if number not in stale], now, until)
        if not stale:
            break
    if not taken:
        return []
    rows = {row.id: row_of(tx, row) for row in tx.connection.execute(BY_NUMBER, {"numbers": taken})}
    return [rows[number] for number in taken]


def _take(tx: Tx, numbers: list[int], now: datetime, until: datetime) -> list[int]:
    if numbers:
        begun = tx.connection.execute(TAKE, {"numbers": numbers, "until": until}).all()
        blank = {"started_at": now, "finished_at": None, "outcome": None, "detail": None}
        tx.connection.execute(BEGIN, [{"delivery": number, "n": attempt, **blank} for number, attempt in begun])
    return numbers


def accepted(tx: Tx, delivery: int, attempt: int, message_id: str | None) -> bool:
    """The channel took it, and calls it `message_id`, which is kept of a call. False when somebody else has settled
    this attempt."""
    place = tx.connection.execute(PLACE_OF, {"number": delivery}).first() if message_id is not None else None
    if place is None or message_id is None:
        return _settle(tx, ACCEPTED, delivery, attempt, "accepted", None, {})
    shown = seal_shown(tx, place.subject, place.cell, message_id) if place.tier is not None else None
    words: dict[str, object] = {"as": shown, "found_by": blind_message(tx, place.address_id, message_id)}
    return _settle(tx, SHOWN, delivery, attempt, "accepted", None, words)


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


def was_taken_back(tx: Tx, delivery: int) -> bool:
    """Whether it was taken back while it was on its way: then there is nothing left to say."""
    return bool(tx.connection.execute(TAKEN_BACK, {"number": delivery}).scalar())


def expired_leases(tx: Tx, now: datetime) -> list[DeliveryRow]:
    """What was taken and never settled: whoever took it is gone, and nobody knows whether it arrived."""
    return [row_of(tx, row) for row in tx.connection.execute(LAPSED, {"at": now})]


def next_ready(tx: Tx, lane: str) -> datetime | None:
    """When the next delivery of a lane may be sent; None when none waits."""
    instant: datetime | None = tx.connection.execute(NEXT_READY, {"in_lane": lane}).scalar()
    return instant


def row_of(tx: Tx, row: Row[*tuple[object, ...]]) -> DeliveryRow:
    """The record of a row selected by ROWS. Raises Locked."""
    plain = row._asdict()
    content = open_content(tx, plain.pop("subject"), plain.pop("cell"), plain.pop("content"))
    address = open_address(tx, plain["person"], plain["channel"], plain.pop("address"))
    return DeliveryRow(
        **plain, template=content.template, words=content.words, message_id=content.message_id, address=address
    )


def _settle(
    tx: Tx, statement: Update, delivery: int, attempt: int, outcome: str, detail: str | None, words: dict[str, object]
) -> bool:
    ours = {"number": delivery, "token": attempt}
    if not tx.connection.execute(statement, {**ours, **words}).rowcount:
        return False
    tx.connection.execute(FINISH, {**ours, "at": tx.now, "became": outcome, "why": detail})
    return True
