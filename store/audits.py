"""What an auditor asks the tables: does anything stand there that no promise allows, and since when.

Every question is answered from an index and looks at a bounded number of rows: however much has been kept, it takes
milliseconds. What a CHECK or a UNIQUE forbids is not asked.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import BindParameter, Select, bindparam, exists, func, literal_column, or_, select

from .database import Tx
from .tables.calling import INCIDENT
from .tables.journal import JOURNAL, WAITING
from .tables.lowerings import LOWERING
from .tables.messages import ATTEMPT, DELIVERY, INBOX
from .tables.watching import WATCH

AT_MOST = 1000  # rows that one question counts; so many means as many or more
NEWEST = 200  # deliveries, the last ones, of which it is asked what became of their tries


class Question(StrEnum):
    """What can be asked. Those marked so take `by`, an instant."""

    WATCHES_LATE = "watches that asked to be looked at by then"
    INCIDENTS_LATE = "incidents that asked to be looked at by then"
    LOWERINGS_LATE = "what was asked with a code and wanted to be looked at by then"
    INCIDENTS_ASLEEP = "incidents that want to be looked at only after then"
    WATCHES_ASLEEP = "watches that want to be looked at only after then"
    CALLS_UNREAD = "calls for help that came by then and are unread"
    INBOX_UNREAD = "anything else that came by then and is unread"
    LEASES_LAPSED = "deliveries whose lease ended by then"
    ALARMS_UNTAKEN = "alarms of before then that were tried three times and taken by nobody"
    ALARMS_AFTER_THE_END = "calls that still wait, of incidents that were closed by then"
    NOBODY_CALLED = "open incidents of before then of which nobody was told, or will be"
    OPENED_UNWRITTEN = "open incidents of before then of which the journal knows nothing"
    SETTLED_UNTRIED = "deliveries that are settled, with no try that says how"
    TRIES_LEFT_OPEN = "tries that have not ended, of deliveries that nobody is sending"
    ALARMS_GIVEN_UP = "alarms that were given up although nobody knows whether they arrived"
    ENTRIES_UNBOUND = "entries about an incident that have waited for their place in the tree since then"


class Seen(NamedTuple):
    """How many rows there are, AT_MOST at most, and since when the oldest of them is as it should not be."""

    rows: int
    since: datetime | None


Asked = Select[int, datetime]


def _few(rows: "Select[datetime]") -> Asked:
    """How many of `rows`, each an instant, and the earliest."""
    few = rows.limit(AT_MOST).subquery()
    return select(func.count(), func.min(few.c[0]))


BY: BindParameter[datetime] = bindparam("by")
TRIES = 3
IS_PENDING = DELIVERY.c.state == literal_column("'pending'")
IS_SENDING = DELIVERY.c.state == literal_column("'sending'")
IS_ALIVE = DELIVERY.c.state.in_([literal_column(f"'{state}'") for state in ("pending", "sending", "accepted")])
IS_WAITING = INBOX.c.state == literal_column("'waiting'")
OPEN = (
    select(INCIDENT.c.id, INCIDENT.c.opened_at)
    .where(INCIDENT.c.phase != literal_column("'closed'"), INCIDENT.c.opened_at <= BY)
    .limit(AT_MOST)
    .subquery()
)
FRONT = (  # of every lane; in a storm there is more behind it, which is no older in its class
    select(*(DELIVERY.c[name] for name in ("incident", "tier", "attempt", "created_at")))
    .where(IS_PENDING, DELIVERY.c.alarm)
    .order_by(DELIVERY.c.lane, DELIVERY.c.urgency, DELIVERY.c.turn, DELIVERY.c.id)
    .limit(AT_MOST)
    .subquery()
)
LAST = (
    select(DELIVERY.c.id, DELIVERY.c.state, DELIVERY.c.attempt, DELIVERY.c.alarm, DELIVERY.c.created_at)
    .where(DELIVERY.c.id > 0)  # by the key, from its end
    .order_by(DELIVERY.c.id.desc())
    .limit(NEWEST)
    .subquery()
)
ITS_TRY = (ATTEMPT.c.delivery == LAST.c.id) & (ATTEMPT.c.n == LAST.c.attempt)


def _unread(*, urgent: bool) -> Asked:
    """The oldest come first, so that it is enough to look at the first of them."""
    came = select(INBOX.c.received_at).where(IS_WAITING, INBOX.c.urgent.is_(urgent)).order_by(INBOX.c.id)
    few = came.limit(AT_MOST).subquery()
    return select(func.count(), func.min(few.c.received_at)).where(few.c.received_at <= BY)


QUESTIONS: Mapping[Question, Asked] = {
    Question.WATCHES_LATE: _few(select(WATCH.c.wakes_at).where(WATCH.c.wakes_at <= BY).order_by(WATCH.c.wakes_at)),
    Question.INCIDENTS_LATE: _few(
        select(INCIDENT.c.wakes_at).where(INCIDENT.c.wakes_at <= BY).order_by(INCIDENT.c.wakes_at)
    ),
    Question.LOWERINGS_LATE: _few(
        select(LOWERING.c.wakes_at).where(LOWERING.c.wakes_at <= BY).order_by(LOWERING.c.wakes_at)
    ),
    Question.INCIDENTS_ASLEEP: _few(select(INCIDENT.c.wakes_at).where(INCIDENT.c.wakes_at > BY)),
    Question.WATCHES_ASLEEP: _few(select(WATCH.c.wakes_at).where(WATCH.c.wakes_at > BY)),
    Question.CALLS_UNREAD: _unread(urgent=True),
    Question.INBOX_UNREAD: _unread(urgent=False),
    Question.LEASES_LAPSED: _few(select(DELIVERY.c.lease_until).where(IS_SENDING, DELIVERY.c.lease_until <= BY)),
    Question.ALARMS_UNTAKEN: select(func.count(), func.min(FRONT.c.created_at)).where(
        FRONT.c.attempt >= TRIES, FRONT.c.created_at <= BY
    ),
    Question.ALARMS_AFTER_THE_END: select(func.count(), func.min(INCIDENT.c.closed_at))
    .select_from(FRONT)
    .join(INCIDENT, INCIDENT.c.id == FRONT.c.incident)
    .where(FRONT.c.tier.is_not(None), INCIDENT.c.closed_at <= BY),
    Question.NOBODY_CALLED: select(func.count(), func.min(OPEN.c.opened_at)).where(
        ~exists().where(DELIVERY.c.incident == OPEN.c.id, IS_ALIVE, DELIVERY.c.alarm)
    ),
    Question.OPENED_UNWRITTEN: select(func.count(), func.min(OPEN.c.opened_at)).where(
        ~exists().where(JOURNAL.c.incident == OPEN.c.id)
    ),
    Question.SETTLED_UNTRIED: select(func.count(), func.min(LAST.c.created_at)).where(
        LAST.c.state.in_(("accepted", "failed")), ~exists().where(ITS_TRY, ATTEMPT.c.finished_at.is_not(None))
    ),
    Question.TRIES_LEFT_OPEN: select(func.count(), func.min(ATTEMPT.c.started_at))
    .select_from(LAST)
    .join(ATTEMPT, ATTEMPT.c.delivery == LAST.c.id)
    .where(ATTEMPT.c.outcome.is_(None), or_(LAST.c.state != "sending", ATTEMPT.c.n != LAST.c.attempt)),
    Question.ALARMS_GIVEN_UP: select(func.count(), func.min(LAST.c.created_at))
    .join(ATTEMPT, ITS_TRY)
    .where(LAST.c.alarm, LAST.c.state == "failed", ATTEMPT.c.outcome == "unknown"),
    Question.ENTRIES_UNBOUND: select(func.count(), func.min(JOURNAL.c.at)).where(
        JOURNAL.c.id == select(func.min(WAITING.c.entry)).where(WAITING.c.of_incident).scalar_subquery(),
        JOURNAL.c.at <= BY,
    ),
}
NEEDS_AN_INSTANT = frozenset(question for question, asked in QUESTIONS.items() if "by" in asked.compile().params)


def ask(tx: Tx, question: Question, by: datetime) -> Seen:
    """The answer; `by` counts for those questions that speak of a "then"."""
    words = {"by": by} if question in NEEDS_AN_INSTANT else {}
    count, since = tx.connection.execute(QUESTIONS[question], words).one()
    return Seen(int(count), since)
