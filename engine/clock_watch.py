"""Watching the clock: whether it was put back, and what is done then.

No clock tells which of its times was right. So every wait that counts from a moment is as long as it was meant to be,
daily times stay with the clock, and coordinators are told: alarms may come as late as the clock was put back.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from escalation import put_back
from store import alive, incidents, journal, lowerings, waits, watches
from store.database import Tx

from .announcing import tell_coordinators
from .log import Log
from .metrics import Metrics

log = Log("clock")

LEEWAY = timedelta(minutes=1)  # a step back by less changes nothing that matters
FARTHEST = timedelta(days=3650)  # ahead: no wait ends later
MOST = 100_000  # rows of a kind
SAID_FOR = 3600.0  # real seconds for which /health says so

Move = Callable[[timedelta, Tx, UUID], None]
Guarded = Callable[[Tx, UUID, Callable[[Tx, UUID], None]], object]


class ClockWatch:
    """Remembers the latest instant that was seen."""

    def __init__(self, metrics: Metrics) -> None:
        """Nothing was seen yet."""
        self.sets_right: Callable[[], bool] = lambda: True  # of several workers on one database one does
        self._metrics = metrics
        self._latest: datetime | None = None
        self._noticed: tuple[float, timedelta] | None = None

    def lost(self, now: datetime) -> timedelta:
        """By how much the clock was put back since the latest instant; zero for next to nothing."""
        lost = self._latest - now if self._latest is not None else timedelta()
        return lost if lost > LEEWAY else timedelta()

    def seen(self, now: datetime) -> None:
        """What was to be done at `now` is committed. Small steps back add up, so that many are noticed as one."""
        lost = self.lost(now)
        if lost:
            self._metrics.clock_put_back.inc()
            self._noticed = time.monotonic(), lost
            log.error("clock_put_back", away=lost)
        self._latest = now if lost or self._latest is None else max(self._latest, now)

    def begin(self, last: datetime | None) -> None:
        """`last` is when the service was last alive."""
        self._latest = last

    def troubles(self) -> list[str]:
        """What /health says of it for an hour."""
        if self._noticed is None or time.monotonic() - self._noticed[0] > SAID_FOR:
            return []
        return [f"the clock was put back by {_minutes(self._noticed[1])} minutes"]

    def set_right(self, tx: Tx, guarded: Guarded) -> None:
        """When the clock was put back, bring every wait forward and say so. A row that fails stops no other, which
        `guarded` sees to. The memory of it changes by `seen` only, once this is committed."""
        lost = self.lost(tx.now)
        if not lost or not self.sets_right():
            return
        waits.bring_forward(tx, lost)
        rows: list[tuple[Move, UUID]] = [(_incident, one) for one in incidents.due(tx, tx.now + FARTHEST, MOST)]
        rows += [(_watch, one) for one in watches.due(tx, tx.now + FARTHEST, MOST)]
        rows += [(_lowering, one) for one in lowerings.due(tx, tx.now + lost + LEEWAY, MOST)]
        for move, row_id in rows:
            guarded(tx, row_id, partial(move, lost))
        last = alive.last(tx)
        if last is not None and last > tx.now:
            alive.mark(tx, tx.now)
        journal.write(tx, "clock_put_back", seconds=int(lost.total_seconds()))
        tell_coordinators(tx, "clock_put_back", once=f"clock_put_back:{tx.now:%Y%m%d%H}", count=_minutes(lost))


def _incident(lost: timedelta, tx: Tx, incident_id: UUID) -> None:
    incident = incidents.load(tx, incident_id)
    if incident is not None:
        incidents.save(tx, put_back.incident_after(incident, lost))


def _watch(lost: timedelta, tx: Tx, watch_id: UUID) -> None:
    watch = watches.load(tx, watch_id)
    if watch is not None and (after := put_back.watch_after(watch, lost)) != watch:
        watches.save(tx, after)


def _lowering(lost: timedelta, tx: Tx, lowering_id: UUID) -> None:
    lowering = lowerings.load(tx, lowering_id)
    if lowering is not None and (after := put_back.lowering_after(lowering, lost)) != lowering:
        lowerings.save(tx, after)


def _minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))
