"""The bell: APScheduler rings it, and never holds a deadline.

One alarm is set to the earliest `wakes_at` in the database and set again after every change; a sweep every few seconds
would catch a lost alarm; housekeeping jobs run beside it. All jobs live in memory, none may be dropped for being late
(APScheduler's default drops a one-shot job that is more than a second late), and none holds anything that a restart
would lose.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from .clock import Clock, SystemClock

SWEEP_EVERY = 5.0  # real seconds
FARTHEST = 3600.0  # real seconds; an alarm further off is set again by then
ALARM = "alarm"


class Bell:
    """Rings `ring` at the instant that was asked for, and `sweep` every few seconds."""

    def __init__(self, clock: Clock, ring: Callable[[], None], sweep: Callable[[], Awaitable[None]]) -> None:
        """Silent until `start`. `ring` returns at once; `sweep` may take its time, one at a time."""
        self._clock = clock
        self._machine = SystemClock()
        self._ring = ring
        self._wanted: datetime | None = None
        self._jobs = {"sweep": (SWEEP_EVERY, sweep)}
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(jobstores={"default": MemoryJobStore()}, job_defaults=defaults, timezone=UTC)
        clock.on_change(self._set_again)

    def start(self) -> None:
        """Begin to ring; needs a running event loop."""
        self._scheduler.start()
        self.begin_again()

    def begin_again(self) -> None:
        """Count from now on: a machine whose clock was put back would be silent until it is right again."""
        for name, (seconds, job) in self._jobs.items():
            trigger = IntervalTrigger(seconds=int(seconds), timezone=UTC)
            self._scheduler.add_job(job, trigger, id=name, replace_existing=True)
        self._set_again()

    def every(self, name: str, seconds: float, job: Callable[[], Awaitable[None]]) -> None:
        """Have a housekeeping job run every so many real seconds."""
        self._jobs[name] = (seconds, job)
        self.begin_again()

    def set_to(self, when: datetime | None) -> None:
        """Ring at `when` by the service's clock; None when nothing is due at all."""
        if when != self._wanted or when is None:
            self._wanted = when
            self._set_again()

    def is_late(self) -> bool:
        """Whether it should have rung by now."""
        return self._wanted is not None and self._wanted <= self._clock.now()

    def stop(self) -> None:
        """Ring no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _set_again(self) -> None:
        if not self._scheduler.running:
            return
        if self._wanted is None:
            if self._scheduler.get_job(ALARM):
                self._scheduler.remove_job(ALARM)
            return
        delay = min(max(self._clock.delay_until(self._wanted), 0.0), FARTHEST)
        at = self._machine.now() + timedelta(seconds=delay)
        self._scheduler.add_job(self._rings, DateTrigger(at, timezone=UTC), id=ALARM, replace_existing=True)

    async def _rings(self) -> None:
        self._wanted = None
        self._ring()
