"""What an auditor looks at besides: lanes that stand still, defenders whom nothing watches, how incidents were closed,
and how fresh the journal and our own time are. Bounded, as `audits` is.
"""

import json
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select

from escalation.incident_state import Incident

from . import states
from .audits import AT_MOST
from .database import Tx
from .journal import content_of
from .sealing import Erased, SealBroken
from .tables.calling import INCIDENT
from .tables.journal import CHECKPOINT, JOURNAL, LEAF, TREE, Code
from .tables.messages import ATTEMPT, DELIVERY
from .tables.people import DEFENDER
from .tables.watching import WATCH

NOBODY = UUID(int=0)
IS_PENDING = DELIVERY.c.state == literal_column("'pending'")
IS_SENDING = DELIVERY.c.state == literal_column("'sending'")
FRONT = (  # of every lane, as it will leave
    select(*(DELIVERY.c[name] for name in ("lane", "not_before", "created_at", "maybe_repeat")))
    .where(IS_PENDING, DELIVERY.c.alarm)
    .order_by(DELIVERY.c.lane, DELIVERY.c.urgency, DELIVERY.c.turn, DELIVERY.c.id)
    .limit(AT_MOST)
    .subquery()
)
READY = (
    select(FRONT.c.lane, func.count(), func.min(FRONT.c.not_before))
    .where(FRONT.c.not_before <= bindparam("by"))
    .group_by(FRONT.c.lane)
)
BEGAN = (
    select(ATTEMPT.c.delivery)
    .join(DELIVERY, DELIVERY.c.id == ATTEMPT.c.delivery)
    .where(ATTEMPT.c.started_at > bindparam("after"), DELIVERY.c.lane == bindparam("in_lane"))
    .limit(1)
)
UNSENT = (
    select(func.min(FRONT.c.created_at)),
    select(func.min(DELIVERY.c.created_at)).where(IS_SENDING, DELIVERY.c.alarm),
)
UNKNOWN = select(func.count()).where(FRONT.c.maybe_repeat)
PART = (
    select(DEFENDER.c.id)
    .where(DEFENDER.c.state == literal_column("'active'"), DEFENDER.c.id > bindparam("after"))
    .order_by(DEFENDER.c.id)
    .limit(bindparam("most"))
)
WATCHED = select(WATCH.c.defender).where(
    WATCH.c.defender > bindparam("after"), WATCH.c.defender <= bindparam("up_to"), WATCH.c.wakes_at.is_not(None)
)
RECENT = (
    select(INCIDENT.c.id, INCIDENT.c.defender, INCIDENT.c.body, INCIDENT.c.phase)
    .order_by(INCIDENT.c.opened_at.desc())
    .limit(bindparam("most"))
    .subquery()
)
CLOSED = select(RECENT.c.id, RECENT.c.defender, RECENT.c.body).where(RECENT.c.phase == "closed")
SAID = (
    select(JOURNAL)
    .where(JOURNAL.c.incident == bindparam("about"), JOURNAL.c.code == Code.ANSWERED.value)
    .order_by(JOURNAL.c.id.desc())
    .limit(20)  # the last words; one of the first is the one that closed it
)
SPEAKS_OF_THE_END = ("closed", "confirmed")
SIGNED = (
    select(CHECKPOINT.c.at, CHECKPOINT.c.size).where(CHECKPOINT.c.size > 0).order_by(CHECKPOINT.c.size.desc()).limit(1)
)
FIRST = select(JOURNAL.c.at).where(JOURNAL.c.id > 0).order_by(JOURNAL.c.id).limit(1)
GROWN = select(TREE.c.size, select(func.max(LEAF.c.seq)).scalar_subquery()).where(TREE.c.id == 1)


class Waiting(NamedTuple):
    """A lane with alarms that may leave: how many, and since when the first of them may."""

    lane: str
    rows: int
    since: datetime


class Bound(NamedTuple):
    """How far the journal is bound: `signed_at` is when the last checkpoint was, or when the journal began if there is
    none; None for an empty journal. `fits` when the tree, its leaves and the checkpoint are of one size."""

    signed_at: datetime | None
    fits: bool


def standing_still(tx: Tx, by: datetime, since: datetime) -> list[Waiting]:
    """The lanes in which alarms could have left before `by`, and which have begun no try after `since`."""
    waiting = [Waiting(*row) for row in tx.connection.execute(READY, {"by": by})]
    return [one for one in waiting if not tx.connection.execute(BEGAN, {"after": since, "in_lane": one.lane}).first()]


def oldest_unsent(tx: Tx) -> datetime | None:
    """Since when the alarm exists that has waited longest for somebody to take it; None when none waits."""
    found = [tx.connection.execute(unsent).scalar() for unsent in UNSENT]
    return min((instant for instant in found if instant is not None), default=None)


def unknown_alarms(tx: Tx) -> int:
    """How many alarms wait to be sent again because nobody knows whether they arrived."""
    return int(tx.connection.execute(UNKNOWN).scalar_one())


def unwatched(tx: Tx, after: UUID, most: int) -> tuple[list[UUID], UUID]:
    """Of the next `most` active defenders `after` this one, in the order of their ids, those who have no watch that
    wakes; and where to go on, NOBODY at the end."""
    part = list(tx.connection.execute(PART, {"after": after, "most": most}).scalars())
    if not part:
        return [], NOBODY
    watched = set(tx.connection.execute(WATCHED, {"after": after, "up_to": part[-1]}).scalars())
    return [person for person in part if person not in watched], part[-1] if len(part) == most else NOBODY


def closed_of_late(tx: Tx, most: int) -> list[tuple[Incident, int]]:
    """Those of the `most` newest incidents that are closed and can be read, each with how many people said how it
    ended, as the journal has it. Raises Locked."""
    rows = tx.connection.execute(CLOSED, {"most": most}).all()
    return [(one, len(_closers(tx, one))) for one in states.INCIDENT.readable(tx, rows)]


def _closers(tx: Tx, incident: Incident) -> set[UUID]:
    closers = set()
    for row in tx.connection.execute(SAID, {"about": incident.id}):
        with suppress(Erased, SealBroken, ValueError, KeyError, TypeError):
            if json.loads(content_of(tx, row)[1])["event"] in SPEAKS_OF_THE_END:
                closers.add(row.actor)
    return closers


def bound(tx: Tx) -> Bound:
    """How far the journal is bound."""
    signed = tx.connection.execute(SIGNED).first()
    size, last = tx.connection.execute(GROWN).one()
    fits = size == (0 if last is None else last + 1) == (0 if signed is None else signed.size)
    return Bound(signed.at if signed else tx.connection.execute(FIRST).scalar(), fits)
