"""Deliveries: what must be said, to whom, by which channel, and what became of it.

Putting, cancelling and looking are here; what the outbox does, taking and settling, in `leasing` and `outcomes`.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, bindparam, case, func, literal_column, select, update

from . import addresses, bots
from .contents import OF_INCIDENT, SUBJECT, Content, blind_message, open_content, open_shown, seal_content
from .database import Tx
from .leasing import ROWS, expired_leases, lease, next_ready, row_of
from .outcomes import IS_PENDING, Hand, accepted, all_accepted, defer, failed, in_hand, retry
from .records import DeliveryRow, NewDelivery
from .tables.calling import INCIDENT
from .tables.messages import DELIVERY
from .upsert import insert_new

__all__ = [
    "Hand",
    "accepted",
    "all_accepted",
    "cancel",
    "cancel_calls",
    "cancel_for",
    "cancel_repeats",
    "defer",
    "earlier_calls",
    "expired_leases",
    "failed",
    "in_hand",
    "lease",
    "may_be_repeat",
    "next_ready",
    "of_incident",
    "oldest_pending_alarm",
    "pending_counts",
    "put",
    "retry",
    "shown_alarms",
    "state_by",
    "waiting_for",
]

LAST_OF_THEIRS = (
    select(DELIVERY.c.not_before)
    .where(IS_PENDING, DELIVERY.c.person == bindparam("of"), DELIVERY.c.urgency == bindparam("in_class"))
    .order_by(DELIVERY.c.not_before.desc())
    .limit(bindparam("most"))
    .subquery()
)
THEIRS = select(func.count(), func.max(LAST_OF_THEIRS.c.not_before))
IS_EDIT = DELIVERY.c.operation == literal_column("'edit'")
AHEAD = (  # how many of the same incident and class wait already
    select(func.count())
    .where(DELIVERY.c.incident == bindparam("of"), IS_PENDING, DELIVERY.c.urgency == bindparam("in_class"))
    .scalar_subquery()
)
WHOSE_AND_AHEAD = select(INCIDENT.c.defender, AHEAD).where(INCIDENT.c.id == bindparam("of"))
PUT = insert_new(DELIVERY).returning(DELIVERY.c.id)
IN_AN_EDIT = ("cell", "content", "urgency", "incident", "expires_at")
SOONER = bindparam("sooner", type_=DELIVERY.c.not_before.type)
REPLACE_EDIT = (
    update(DELIVERY)
    .where(IS_PENDING, IS_EDIT, DELIVERY.c.address_id == bindparam("at"), DELIVERY.c.message == bindparam("old"))
    .values({name: bindparam(f"new_{name}") for name in IN_AN_EDIT})
    .values(not_before=case((DELIVERY.c.not_before > SOONER, SOONER), else_=DELIVERY.c.not_before))
    .returning(DELIVERY.c.id)
)
AS_GIVEN = tuple(
    name for name in NewDelivery.__dataclass_fields__ if name not in ("template", "words", "message_id", "dedupe")
)
NEW = {"state": "pending", "attempt": 0, "maybe_repeat": False, "withdrawn": False, "lease_until": None}


def put(tx: Tx, new: NewDelivery) -> int | None:
    """Have something said; gives its number, None when the very same was put before.

    An edit takes the place of one for the same message that has not left; it leaves when the earlier of them may."""
    subject, turn, cell = new.person, 0, uuid4()
    if new.incident is not None:
        about = tx.connection.execute(WHOSE_AND_AHEAD, {"of": new.incident, "in_class": new.urgency}).one()
        subject, turn = about
    row = {name: getattr(new, name) for name in AS_GIVEN}
    row |= {
        "cell": cell,
        "content": seal_content(tx, subject, cell, Content(new.template, new.words, new.message_id)),
        "message": blind_message(tx, new.address_id, new.message_id),
        "dedupe": None if new.dedupe is None else tx.vault.blind("dedupe", new.dedupe),
    }
    if new.operation == "edit" and (replaced := _replace_edit(tx, row)) is not None:
        return replaced
    row |= {**NEW, "turn": turn, "lane": _lane(tx, new), "shown_as": None, "created_at": tx.now}
    number: int | None = tx.connection.execute(PUT, row).scalar()
    return number


def _lane(tx: Tx, new: NewDelivery) -> str:
    """What is new is said by the bot that reaches them; a message is changed or deleted, and a press answered, by the
    bot that it is of."""
    if new.operation == "send":
        way = addresses.address(tx, new.address_id)
        bot = way.bot if way is not None else None
    else:
        _, bot = bots.apart(new.message_id or "")
    return bots.of_bot(f"{new.side}:{new.channel}", bot)


def _replace_edit(tx: Tx, row: dict[str, object]) -> int | None:
    words = {"at": row["address_id"], "old": row["message"], "sooner": row["not_before"]}
    values = {f"new_{name}": row[name] for name in IN_AN_EDIT}
    number: int | None = tx.connection.execute(REPLACE_EDIT, {**words, **values}).scalar()
    return number


def cancel(tx: Tx, incident: UUID, persons: Iterable[UUID] | None = None, alarm_only: bool = False) -> int:
    """Take back every message about the incident that has not left: to `persons`, or to anybody.

    Edits and answers to presses stay. One that is on its way is not tried again if it fails. Gives how many."""
    chosen = [DELIVERY.c.incident == incident, DELIVERY.c.operation == "send"]
    if persons is not None:
        chosen.append(DELIVERY.c.person.in_(list(persons)))
    if alarm_only:
        chosen.append(DELIVERY.c.alarm)
    return _cancel(tx, *chosen)


def cancel_calls(tx: Tx, incident: UUID, person: UUID) -> int:
    """Take back the calls of this person to the incident that have not left."""
    calls = (DELIVERY.c.incident == incident, DELIVERY.c.person == person, DELIVERY.c.tier.is_not(None))
    return _cancel(tx, *calls)


def cancel_repeats(tx: Tx, incident: UUID) -> int:
    """Take back the calls of people who have been called before; everybody's first call stays."""
    return _cancel(tx, DELIVERY.c.incident == incident, DELIVERY.c.tier.is_not(None), DELIVERY.c.round > 1)


def cancel_for(tx: Tx, person: UUID) -> int:
    """Take back everything to this person that has not left."""
    return _cancel(tx, DELIVERY.c.person == person)


def _cancel(tx: Tx, *chosen: ColumnElement[bool]) -> int:
    on_their_way = update(DELIVERY).where(*chosen, DELIVERY.c.state == literal_column("'sending'"))
    tx.connection.execute(on_their_way.values(withdrawn=True))
    return tx.connection.execute(update(DELIVERY).where(*chosen, IS_PENDING).values(state="cancelled")).rowcount


def of_incident(tx: Tx, incident: UUID) -> list[DeliveryRow]:
    """Everything said or to be said about an incident, in the order of putting."""
    found = tx.connection.execute(ROWS.where(DELIVERY.c.incident == incident).order_by(DELIVERY.c.id))
    return [row_of(tx, row) for row in found]


def shown_alarms(tx: Tx, incident: UUID) -> list[tuple[UUID, str, int, str]]:
    """The newest call that stands in each chat, as (person, channel, number of the address, id of the message)."""
    said = DELIVERY.c
    calls = (
        select(said.person, said.channel, said.address_id, SUBJECT, said.cell, said.shown_as)
        .join(INCIDENT, OF_INCIDENT)
        .where(said.incident == incident, said.state == "accepted", said.tier.is_not(None), said.shown_as.is_not(None))
        .order_by(said.id)
    )
    newest = {call.address_id: call for call in tx.connection.execute(calls)}
    shown: list[tuple[UUID, str, int, str]] = []
    for person, channel, address_id, *sealed in newest.values():
        if (message_id := open_shown(tx, *sealed)) is not None:
            shown.append((person, channel, address_id, message_id))
    return shown


def state_by(tx: Tx, row: DeliveryRow, channel: str) -> str | None:
    """What became of the same message to this person by another channel; None when it never went that way.

    A call is the same by its number; anything else only if it was put no earlier."""
    same = [
        DELIVERY.c.incident == row.incident,
        DELIVERY.c.person == row.person,
        DELIVERY.c.round == row.round,
        DELIVERY.c.channel == channel,
        DELIVERY.c.operation == row.operation,
    ]
    same += [DELIVERY.c.created_at >= row.created_at] if row.tier is None else [DELIVERY.c.tier == row.tier]
    found = select(DELIVERY.c.state, SUBJECT, DELIVERY.c.cell, DELIVERY.c.content).outerjoin(INCIDENT, OF_INCIDENT)
    newest = tx.connection.execute(found.where(*same).order_by(DELIVERY.c.id.desc()))
    return next((str(state) for state, *sealed in newest if open_content(tx, *sealed).template == row.template), None)


def may_be_repeat(tx: Tx, number: int) -> None:
    """Have a message say that it may be a repeat, since the same one goes another way too."""
    tx.connection.execute(update(DELIVERY).where(DELIVERY.c.id == number).values(maybe_repeat=True))


def earlier_calls(tx: Tx, row: DeliveryRow) -> list[str]:
    """The messages of earlier calls of the same incident that stand in the same chat."""
    earlier = (
        select(SUBJECT, DELIVERY.c.cell, DELIVERY.c.shown_as)
        .join(INCIDENT, OF_INCIDENT)
        .where(DELIVERY.c.incident == row.incident, DELIVERY.c.address_id == row.address_id, DELIVERY.c.id < row.id)
        .where(DELIVERY.c.state == "accepted", DELIVERY.c.tier.is_not(None), DELIVERY.c.shown_as.is_not(None))
        .order_by(DELIVERY.c.id.desc())
        .limit(5)
    )
    opened = (open_shown(tx, *sealed) for sealed in tx.connection.execute(earlier))
    return [message_id for message_id in opened if message_id is not None]


def waiting_for(tx: Tx, person: UUID, urgency: int, at_most: int) -> tuple[int, datetime | None]:
    """How much of one class waits for a person, counted to `at_most`, and when the last of it may leave."""
    count, last = tx.connection.execute(THEIRS, {"of": person, "in_class": urgency, "most": at_most}).one()
    return int(count), last


def pending_counts(tx: Tx) -> dict[str, int]:
    """How many wait in each lane; a lane in which none waits is not named."""
    counted = select(DELIVERY.c.lane, func.count()).where(IS_PENDING).group_by(DELIVERY.c.lane)
    return {str(lane): int(count) for lane, count in tx.connection.execute(counted)}


def oldest_pending_alarm(tx: Tx) -> datetime | None:
    """Since when the alarm waits that has waited longest; None when none does."""
    oldest = select(func.min(DELIVERY.c.created_at)).where(IS_PENDING, DELIVERY.c.alarm)
    instant: datetime | None = tx.connection.execute(oldest).scalar()
    return instant
