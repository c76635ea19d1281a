"""Leasing: who takes a delivery, and for how long.

A delivery on its way belongs to one worker until its lease ends. The number of the attempt is the token of the settle;
see `outcomes`.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import (
    Row,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from . import workers
from .addresses import open_address
from .contents import OF_INCIDENT, SUBJECT, open_content
from .database import Tx
from .outcomes import IS_PENDING, IS_SENDING, other
from .records import DeliveryRow
from .tables.calling import INCIDENT
from .tables.messages import ATTEMPT, DELIVERY
from .tables.people import ADDRESS

IN_LANE = DELIVERY.c.lane == bindparam("in_lane")

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
    .values(
        state="sending", attempt=DELIVERY.c.attempt + 1, lease_until=bindparam("until"), worker=bindparam("taken_by")
    )
    .returning(DELIVERY.c.id, DELIVERY.c.attempt)
)
BEGIN = insert(ATTEMPT).inline()
EXPIRE = update(DELIVERY).where(DELIVERY.c.id.in_(bindparam("numbers", expanding=True))).values(state="expired")
LAPSED = ROWS.where(
    IS_SENDING,
    or_(
        and_(DELIVERY.c.worker == bindparam("us"), DELIVERY.c.lease_until < bindparam("ours_until")),
        and_(DELIVERY.c.worker.is_(None), DELIVERY.c.lease_until < bindparam("nobodys_until")),
        workers.is_of_gone(DELIVERY),
    ),
).order_by(DELIVERY.c.lease_until, DELIVERY.c.id)
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
        begun = tx.connection.execute(TAKE, {"numbers": numbers, "until": until, "taken_by": tx.worker}).all()
        blank = {"started_at": now, "finished_at": None, "outcome": None, "detail": None}
        tx.connection.execute(BEGIN, [{"delivery": number, "n": attempt, **blank} for number, attempt in begun])
    return numbers


def expired_leases(tx: Tx, now: datetime, *, at_start: bool = False) -> list[DeliveryRow]:
    """What was taken and never settled: whoever took it is gone, and nobody knows whether it arrived.

    What another worker has in hand is theirs for as long as they are alive, whatever our clock says. `at_start` we have
    nothing in hand ourselves; nor has anybody whom nobody knows, where there is nobody else."""
    ever, alone = now + timedelta(days=36500), tx.connection.dialect.name == "sqlite"
    until = {"ours_until": ever if at_start else now, "nobodys_until": ever if at_start and alone else now}
    gone = workers.lost(tx) or [workers.NO_WORKER]
    found = tx.connection.execute(LAPSED, {**until, "us": tx.worker, "gone": gone})
    return [row_of(tx, row) for row in found]


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
