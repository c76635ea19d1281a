"""The auditor: whether what stands in the database keeps the promises, asked of the database alone.

`audit` decides nothing and changes nothing; the service runs it every half a minute (`engine/auditor.py`), and whoever
else has a transaction can. The invariants, and where each is held:

* I1  every call for help that was kept is read at once, and every silence judged:  CALL_UNREAD, WATCH_LATE
* I2  whatever is open wakes, soon, and is woken:                  INCIDENT_LATE, SLEEPS_TOO_LONG, LOWERING_LATE
* I3  of every open incident somebody was told, or is to be:       NOBODY_CALLED
* I4  nothing is held longer than its lease, no alarm lies about:  LEASE_LAPSED, ALARM_STANDS, ALARM_UNTAKEN
* I5  each try has a number and an end:                            SETTLED_UNTRIED, TRY_LEFT_OPEN, ALARM_GIVEN_UP
* I6  nobody is called to what is over:                            ALARM_AFTER_END, CLOSED_TOO_EASILY
* I7  the journal has it, and is bound:                            UNWRITTEN, UNBOUND, CHECKPOINT_OLD, TREE_BROKEN
* I8  every incident is calling, held or closed:                   a CHECK of the table

That nothing is confirmed to a messenger before it is kept leaves no trace in the database: tests that kill the process
show it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from escalation.incident_state import needs_second
from store import alive, audit_looks, audits, people
from store.audits import Question
from store.checkpoints import EVERY as SIGNED_EVERY
from store.database import Tx

from .timekeeping import DEAF_DELAY

AT_A_TIME = 1000  # defenders looked at in one audit; the others come next
CLOSINGS = 10  # incidents, the newest, of which it is looked at how those that are closed were
LANE_RESTS = timedelta(seconds=10)  # without a try; a messenger that is spoken to at its pace is tried every second
LONGEST_SLEEP = timedelta(hours=24)  # of an open incident; repeats and holds are minutes
LONGEST_WATCH = timedelta(days=32)  # a timer runs for 30 days at most


class Code(StrEnum):
    """What can be found. It names nobody, and no kind of incident."""

    TIME_NOT_KEPT = "time_not_kept"
    WATCH_LATE = "watch_late"
    INCIDENT_LATE = "incident_late"
    LOWERING_LATE = "lowering_late"
    SLEEPS_TOO_LONG = "sleeps_too_long"
    UNWATCHED = "unwatched"
    CALL_UNREAD = "call_unread"
    INBOX_UNREAD = "inbox_unread"
    LEASE_LAPSED = "lease_lapsed"
    ALARM_STANDS = "alarm_stands"
    ALARM_UNTAKEN = "alarm_untaken"
    ALARM_GIVEN_UP = "alarm_given_up"
    ALARM_AFTER_END = "alarm_after_end"
    NOBODY_CALLED = "nobody_called"
    CLOSED_TOO_EASILY = "closed_too_easily"
    SETTLED_UNTRIED = "settled_untried"
    TRY_LEFT_OPEN = "try_left_open"
    UNWRITTEN = "unwritten"
    UNBOUND = "unbound"
    CHECKPOINT_OLD = "checkpoint_old"
    TREE_BROKEN = "tree_broken"


STOPS_SENDING = frozenset({Code.CALL_UNREAD, Code.LEASE_LAPSED, Code.ALARM_STANDS})  # for everybody, not for one chat

ASKED: dict[Code, tuple[Question, timedelta]] = {  # what is asked, and how long it may be so
    Code.INCIDENT_LATE: (Question.INCIDENTS_LATE, timedelta(seconds=30)),
    Code.LOWERING_LATE: (Question.LOWERINGS_LATE, timedelta(seconds=30)),
    Code.CALL_UNREAD: (Question.CALLS_UNREAD, timedelta(seconds=10)),
    Code.INBOX_UNREAD: (Question.INBOX_UNREAD, timedelta(seconds=60)),
    Code.LEASE_LAPSED: (Question.LEASES_LAPSED, timedelta(seconds=15)),
    Code.ALARM_UNTAKEN: (Question.ALARMS_UNTAKEN, timedelta(minutes=3)),
    Code.ALARM_GIVEN_UP: (Question.ALARMS_GIVEN_UP, timedelta()),
    Code.ALARM_AFTER_END: (Question.ALARMS_AFTER_THE_END, timedelta(seconds=30)),
    Code.NOBODY_CALLED: (Question.NOBODY_CALLED, timedelta(seconds=60)),
    Code.SETTLED_UNTRIED: (Question.SETTLED_UNTRIED, timedelta()),
    Code.TRY_LEFT_OPEN: (Question.TRIES_LEFT_OPEN, timedelta()),
    Code.UNWRITTEN: (Question.OPENED_UNWRITTEN, timedelta(seconds=5)),
    Code.UNBOUND: (Question.ENTRIES_UNBOUND, timedelta(seconds=60)),
}
WATCHES_MAY_BE_LATE = timedelta(seconds=30)
ALARMS_MAY_STAND = timedelta(seconds=30)
TIME_MAY_STAND = timedelta(seconds=60)
SIGNING_MAY_BE_LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that no promise allows: how many rows are so, and for how long the oldest of them has been."""

    code: Code
    count: int = 1
    age: timedelta = timedelta()

    @property
    def stops_sending(self) -> bool:
        """Whether it means that what should be said may not be said."""
        return self.code in STOPS_SENDING


@dataclass(slots=True)
class Round:
    """How far the looking at every defender has come; each audit moves it on."""

    after: UUID = audit_looks.NOBODY


def audit(tx: Tx, *, deaf: bool = False, round_: Round | None = None) -> list[Finding]:
    """Everything that is not as it should be at this instant; empty when all is well.

    Reads only. While we are `deaf`, watches may be looked at hours late. Of the defenders only the next AT_A_TIME are
    looked at, from where `round_` stands. What is sealed is left out while we are locked."""
    found = [*_asked(tx), *_time(tx, deaf=deaf), *_lanes(tx), *_journal(tx)]
    if not tx.vault.is_locked:
        found += [*_unwatched(tx, round_ or Round()), *_closings(tx)]
    return found


def _asked(tx: Tx) -> Iterator[Finding]:
    for code, (question, allowed) in ASKED.items():
        yield from _of(tx, code, question, tx.now - allowed)


def _time(tx: Tx, *, deaf: bool) -> Iterator[Finding]:
    allowed = WATCHES_MAY_BE_LATE + (DEAF_DELAY if deaf else timedelta())
    yield from _of(tx, Code.WATCH_LATE, Question.WATCHES_LATE, tx.now - allowed)
    yield from _of(tx, Code.SLEEPS_TOO_LONG, Question.INCIDENTS_ASLEEP, tx.now + LONGEST_SLEEP)
    yield from _of(tx, Code.SLEEPS_TOO_LONG, Question.WATCHES_ASLEEP, tx.now + LONGEST_WATCH)
    last = alive.last(tx)
    if last is not None and not deaf and tx.now - last > TIME_MAY_STAND:
        yield Finding(Code.TIME_NOT_KEPT, 1, tx.now - last)


def _of(tx: Tx, code: Code, question: Question, by: datetime) -> Iterator[Finding]:
    seen = audits.ask(tx, question, by)
    if seen.rows:
        yield Finding(code, seen.rows, _age(tx, seen.since))


def _lanes(tx: Tx) -> Iterator[Finding]:
    """A lane whose messenger refuses, or that is at its pace, is trying; one that does not try at all stands still."""
    for waiting in audit_looks.standing_still(tx, tx.now - ALARMS_MAY_STAND, tx.now - LANE_RESTS):
        yield Finding(Code.ALARM_STANDS, waiting.rows, _age(tx, waiting.since))


def _journal(tx: Tx) -> Iterator[Finding]:
    bound = audit_looks.bound(tx)
    if bound.signed_at is not None and tx.now - bound.signed_at > SIGNED_EVERY + SIGNING_MAY_BE_LATE:
        yield Finding(Code.CHECKPOINT_OLD, 1, tx.now - bound.signed_at)
    if not bound.fits:
        yield Finding(Code.TREE_BROKEN)


def _unwatched(tx: Tx, round_: Round) -> Iterator[Finding]:
    """Their times are sealed, so those without a watch are opened; there are few."""
    found, round_.after = audit_looks.unwatched(tx, round_.after, AT_A_TIME)
    opened = (people.defender(tx, person) for person in found[:AT_A_TIME])
    count = sum(who is not None and who.state == "active" and bool(who.times) for who in opened)
    if count:
        yield Finding(Code.UNWATCHED, count)


def _closings(tx: Tx) -> Iterator[Finding]:
    """Closed means that somebody said how it ended, and that two did where it takes two."""
    closed = audit_looks.closed_of_late(tx, CLOSINGS)
    count = sum(one.outcome is None or (needs_second(one) and spoke < 2) for one, spoke in closed)
    if count:
        yield Finding(Code.CLOSED_TOO_EASILY, count)


def _age(tx: Tx, since: datetime | None) -> timedelta:
    return max(tx.now - since, timedelta()) if since is not None else timedelta()
