"""Keeping time: whatever is due is decided, a few rows in one transaction, each in a savepoint of its own.

A row whose deciding fails is put off and reported, and the others go on. While we are catching up nothing is decided.
What somebody wrote before their alarm is due, and nobody has read yet, holds the alarm for half a minute at most.
While we are deaf, watches are looked at hours later than they ask for: a check-in may be waiting where we cannot read
it, and an alarm could not leave by that messenger either. Open incidents go on.

Several processes on one PostgreSQL divide what is due: each holds the rows that it looks at, and passes over those that
another holds. What was passed over and is still due is looked at a moment later, for the other may have let go of it.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from uuid import UUID

from escalation import incident_words as said
from escalation import watch_words
from escalation.watch import Watch
from store import alive, inbox, incidents, journal, lowerings, watches
from store.acquaintance import know
from store.database import Store, Tx, begins_again

from .announcing import tell_coordinators
from .clock_watch import ClockWatch
from .happenings import Happenings
from .hearing import DEAF_AFTER, JUDGED
from .intake import side_of
from .log import Log
from .lowering import Lowerings
from .metrics import Metrics

log = Log("timekeeping")

BATCH = 32  # rows looked at in one transaction, at most
AT_A_TIME = 0.025  # seconds that one transaction may decide, so that a call for help never waits long for the database
DEAF_DELAY = timedelta(hours=4)  # how much later a watch is looked at while no messenger answers
MESSENGER_KEEPS = timedelta(hours=24)  # what nobody fetches for so long is gone (Bot API, Getting updates)
PUT_OFF = timedelta(seconds=30)  # for a row whose deciding failed
HEARD_UNTIL_DEAF = timedelta(seconds=DEAF_AFTER)  # whoever notes that time was kept may have been deaf for so long
AT_LEAST = 4  # rows decided in one transaction, where a machine is so busy that even these take longer
UNREAD_AT_MOST = timedelta(seconds=30)  # after the alarm was due; a reader that is stuck keeps nobody from being called
LOOK_AGAIN = timedelta(seconds=1)  # whether what came in time has been read by now
ANOTHERS = timedelta(seconds=0.25)  # until it is looked whether another process has decided what it held

Work = Callable[[Tx, UUID], None]
Unread = Callable[[], dict[UUID, datetime]]  # who has written what nobody has read yet, and since when


class NotYet(Exception):
    """The row wants to be looked at a moment later."""

    def __init__(self, until: datetime) -> None:
        super().__init__("Not yet.")
        self.until = until


class Timekeeping:
    """Decides what is due."""

    def __init__(self, store: Store, happenings: Happenings, metrics: Metrics) -> None:
        """Nothing is decided before it is asked for."""
        self._store = store
        self._happenings = happenings
        self._lowerings = Lowerings(happenings)
        self._metrics = metrics
        self._put_off: dict[UUID, datetime] = {}
        self._batch = AT_LEAST
        self._nothing_since: datetime | None = None
        self.clock = ClockWatch(metrics)

    async def begin(self) -> datetime | None:
        """Look at the clock before anything else; gives when time was last kept, None when it never was."""
        last = await self._store.run(alive.last)
        self.clock.begin(last)
        self.clock.seen(await self._store.run(self._look_at_clock))
        return last

    async def end(self, *, heard: bool) -> None:
        """Note when time was last kept; nothing of it where we did not hear."""

        def mark(tx: Tx) -> datetime:
            now = self._look_at_clock(tx)
            if heard:
                alive.mark(tx, now)
            return now

        self.clock.seen(await self._store.run(mark))

    def _look_at_clock(self, tx: Tx) -> datetime:
        if self.clock.lost(tx.now):
            self._put_off.clear()
            self.clock.set_right(tx, self._guarded)
        return tx.now

    async def keep(self, *, deaf: bool) -> bool:
        """Decide one batch of what is due; True when there may be more."""
        now, more = await self._store.run(lambda tx: (self._look_at_clock(tx), self._keep(tx, deaf)))
        self.clock.seen(now)
        return more

    def _keep(self, tx: Tx, deaf: bool) -> bool:
        if not deaf:
            alive.mark(tx, tx.now)
        until = time.monotonic() + AT_A_TIME
        known_to_wait = len(self._put_off)
        batch = self._batch + known_to_wait
        due: list[tuple[Work, UUID]] = [(self._incident, incident) for incident in incidents.due(tx, tx.now, batch)]
        due += [(self._lowerings.time_passed, lowering) for lowering in lowerings.due(tx, tx.now, batch)]
        unread = cache(lambda: inbox.unread_since(tx, side_of(JUDGED)))
        decide = partial(self._watch, unread)
        watches_due = watches.due(tx, tx.now - DEAF_DELAY if deaf else tx.now, batch)
        due += [(decide, watch) for watch in watches_due]
        know(tx, watches.whose(tx, watches_due))
        looked_at = 0
        for work, row_id in due:
            looked_at += self._guarded(tx, row_id, work)
            if looked_at >= AT_LEAST and time.monotonic() > until:
                self._batch = looked_at  # as many as fit are read the next time
                return True
        shared = tx.connection.dialect.name != "sqlite"
        self._nothing_since = tx.now if shared and not looked_at and not deaf else None
        more = (looked_at > 0 or len(self._put_off) > known_to_wait) and len(due) >= self._batch
        self._batch = min(2 * self._batch, BATCH) if more else AT_LEAST
        return more

    def _guarded(self, tx: Tx, row_id: UUID, work: Work) -> bool:
        """Decide one row, or put it off; False when it was put off a moment ago."""
        until = self._put_off.get(row_id)
        if until is not None and tx.now < until:
            return False
        try:
            with tx.savepoint():
                work(tx, row_id)
        except NotYet as moment:
            self._put_off[row_id] = moment.until
            return False
        except Exception as fault:  # the edge of one row: it is put off, the others go on, and a coordinator is told
            if begins_again(fault):
                raise
            self._put_off[row_id] = tx.now + PUT_OFF
            self._report(tx, row_id, "incident" if work == self._incident else "watch", fault)
            return True
        self._put_off.pop(row_id, None)
        return True

    def _report(self, tx: Tx, row_id: UUID, what: str, fault: Exception) -> None:
        log.error("row_not_decided", row=row_id, fault=fault)
        self._metrics.quarantined.labels(what).inc()
        tell_coordinators(tx, "not_decided", once=f"not_decided:{tx.now:%Y%m%d%H}")

    def next_wake(self, tx: Tx, *, deaf: bool) -> datetime | None:
        """When something is next due, as far as it is not put off; watches are not asked while `deaf`.

        What was due when nothing was found is another's for a moment."""
        put_off = dict(self._put_off)
        wakes = [incidents.next_wake(tx, put_off), lowerings.next_wake(tx, put_off)]
        wakes += [None if deaf else watches.next_wake(tx, put_off)]
        anothers, later = self._nothing_since, tx.now + ANOTHERS
        wakes = [later if wake and anothers and wake <= anothers else wake for wake in wakes]
        return min((wake for wake in (*wakes, *put_off.values()) if wake is not None), default=None)

    def _incident(self, tx: Tx, incident_id: UUID) -> None:
        incident = incidents.load(tx, incident_id)
        if incident is not None:
            self._happenings.to_incident(tx, incident, said.TimePassed())

    def _watch(self, unread: Unread, tx: Tx, watch_id: UUID) -> None:
        watch = watches.load(tx, watch_id)
        alarm_at = _alarm_at(watch, tx.now) if watch is not None else None
        if watch is not None and alarm_at is not None:
            until = min(tx.now + LOOK_AGAIN, alarm_at + UNREAD_AT_MOST)
            waits_since = unread().get(watch.defender) if tx.now < until else None
            if waits_since is not None and waits_since <= alarm_at:
                raise NotYet(until)
            self._metrics.lateness.observe((tx.now - alarm_at).total_seconds())
        watch = self._with_signs_heard(tx, watch_id)
        if watch is not None:
            self._happenings.to_watch(tx, watch, watch_words.TimePassed())

    def _with_signs_heard(self, tx: Tx, watch_id: UUID) -> Watch | None:
        """The watch once every check-in that was given has counted; one that cannot be holds no alarm."""
        watch = watches.load(tx, watch_id)
        if watch is None:
            return None
        if lowerings.of_defender(tx, watch.defender):
            try:
                with tx.savepoint():
                    self._lowerings.hear_signs(tx, watch.defender)
            except Exception as fault:  # the edge of what was asked with a code: the watch goes on without it
                if begins_again(fault):
                    raise
                self._report(tx, watch_id, "lowering", fault)
        return watches.load(tx, watch_id)

    def _ask_once_more(self, away: timedelta, tx: Tx, watch_id: UUID) -> None:
        watch = self._with_signs_heard(tx, watch_id)
        if watch is not None:
            self._happenings.to_watch(tx, watch, watch_words.ServiceReturned(away))

    async def returned(self, away: timedelta) -> int:
        """We were away for so long: have every overdue watch ask before it alarms. Gives how many there are.

        While another worker kept time and heard, we were not away."""
        return await self._store.run(lambda tx: self._returned(tx, away))

    def _returned(self, tx: Tx, away: timedelta) -> int:
        last = alive.hold(tx)
        if last is not None:
            away = max(timedelta(), min(away, tx.now - last + HEARD_UNTIL_DEAF))
        overdue = watches.overdue_alarms(tx, tx.now)
        for watch_id in overdue:
            self._guarded(tx, watch_id, partial(self._ask_once_more, away))
        journal.write(tx, "service_returned", away_seconds=int(away.total_seconds()), overdue=len(overdue))
        alive.mark(tx, tx.now)
        if away > MESSENGER_KEEPS:
            tell_coordinators(tx, "unheard", count=int(away.total_seconds() // 3600))
        return len(overdue)


def _alarm_at(watch: Watch, now: datetime) -> datetime | None:
    """When an alarm of the watch was due that is to be raised now, by what shows or by what is owed; None for none."""
    alarms = [side.alarm_at for side in (watch, watch.owed) if side is not None and side.alarm_at is not None]
    return max((alarm_at for alarm_at in alarms if alarm_at <= now), default=None)
