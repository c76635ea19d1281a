"""The outbox: what is pending leaves by its lane, the most urgent first, at the pace that the messenger allows.

Lease, send, settle. A lease lasts longer than a send can; whoever finds one that ran out knows only that nobody knows.
An alarm with unknown outcome is sent again and says so; a notice is not. A permanent failure turns to the person's next
channel at once, and when there is none the heart passes them over. No more is leased than may leave right now, so that
a call for help never waits behind reminders that somebody had already taken in hand.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import timedelta

from store import deliveries
from store.database import Store, Tx
from store.records import DeliveryRow

from .clock import Clock
from .composing import compose
from .happenings import Happenings
from .letter import (
    Channel,
    DeliveryFailure,
    Letter,
    Operation,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from .metrics import Metrics
from .pace import Limits, Pace
from .settling import Settling
from .urgency import Urgency
from .views import IncidentView

log = logging.getLogger("tocsin.outbox")

SEND_TIMEOUT = 10.0  # seconds; the Bot API answers in under 2
LEASE = timedelta(seconds=13)  # of real time; longer than a send can last
AT_ONCE = 64  # sends under way in one lane; a hanging one keeps nobody waiting
CHAT_WAIT_AT_MOST = 4.0  # seconds that a leased letter may wait for its chat; beyond that it is given back
STUCK_AFTER = 120.0  # seconds of failures without one success
LOOK_AGAIN = 5.0  # seconds; a lost wake-up costs no more than this


class Lane:
    """One channel's queue. `changed` is called whenever a settle may have moved a deadline."""

    def __init__(
        self,
        name: str,
        channel: Channel,
        store: Store,
        clock: Clock,
        happenings: Happenings,
        metrics: Metrics,
        changed: Callable[[], None],
        limits: Limits | None = None,
    ) -> None:
        """`name` is side and channel, such as "responder:telegram"."""
        self.name = name
        self._failing_since: float | None = None
        self._channel = channel
        self._store = store
        self._clock = clock
        self._settling = Settling(happenings, metrics)
        self._metrics = metrics
        self._changed = changed
        self._pace = Pace(limits or Limits())
        self._wake = asyncio.Event()
        self._sends: set[asyncio.Task[None]] = set()
        self._stopping = False

    def kick(self) -> None:
        """Something may be ready to leave."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled or stopped."""
        while not self._stopping:
            self._wake.clear()
            if await self._send_what_may_leave():
                await asyncio.sleep(0)
                continue
            await self._rest()

    async def stop(self) -> None:
        """Lease no more, and let what is under way end and be settled."""
        self._stopping = True
        self._wake.set()
        if self._sends:
            await asyncio.wait(self._sends, timeout=SEND_TIMEOUT + 1)

    def is_stuck(self) -> bool:
        """Whether sends have been failing for a while without one that went through."""
        return self._failing_since is not None and time.monotonic() - self._failing_since > STUCK_AFTER

    async def _send_what_may_leave(self) -> bool:
        room = AT_ONCE - len(self._sends)
        now = time.monotonic()
        ordinary = min(room, self._pace.budget(now, first_alert=False))
        first = min(room, self._pace.budget(now, first_alert=True))
        if first <= 0:
            return False
        least = Urgency.NOTICE if ordinary > 0 else Urgency.PANIC_FIRST
        limit = ordinary if ordinary > 0 else first
        leased = await self._store.run(lambda tx: self._lease(tx, limit, least))
        for row, letter in leased:
            self._pace.spend(now, first_alert=row.urgency == Urgency.PANIC_FIRST)
            task = asyncio.create_task(self._send(row, letter), name=f"send {row.id}")
            self._sends.add(task)
            task.add_done_callback(self._sent)
        return bool(leased)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sends.discard(task)
        self._wake.set()

    def _lease(self, tx: Tx, limit: int, least: Urgency) -> list[tuple[DeliveryRow, Letter]]:
        until = tx.now + self._in_service_time(LEASE)
        rows = deliveries.lease(tx, self.name, tx.now, until, limit, least_urgent=least)
        seen: dict[object, IncidentView] = {}
        letters = []
        for row in rows:
            letter = compose(tx, row, seen)  # type: ignore[arg-type]
            if letter is None:
                deliveries.failed(tx, row.id, row.attempt, "perm", "incident_closed")
            else:
                letters.append((row, letter))
        return letters

    def _in_service_time(self, real: timedelta) -> timedelta:
        """A real span as the service's clock counts it; they differ in a rehearsal that runs faster."""
        minute = self._clock.delay_until(self._clock.now() + timedelta(minutes=1))
        return real * max(1.0, 60.0 / minute) if minute > 0 else real

    async def _rest(self) -> None:
        now = time.monotonic()
        waits = [LOOK_AGAIN]
        ready_at = await self._store.run(lambda tx: deliveries.next_ready(tx, self.name))
        if ready_at is not None:
            waits.append(max(self._clock.delay_until(ready_at), self._pace.wait(now), 0.005))
        try:
            async with asyncio.timeout(min(waits)):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _send(self, row: DeliveryRow, letter: Letter) -> None:
        first_alert = row.urgency == Urgency.PANIC_FIRST
        counts = letter.operation in (Operation.SEND, Operation.EDIT)
        wait = self._pace.reserve_chat(row.address, time.monotonic(), first_alert=first_alert) if counts else 0.0
        if wait > CHAT_WAIT_AT_MOST:
            later = self._clock.now() + self._in_service_time(timedelta(seconds=wait))
            await self._settle(lambda tx: deliveries.defer(tx, row.id, row.attempt, later))
            return
        if wait:
            await asyncio.sleep(wait)
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                receipt = await self._channel.deliver(row.address, letter)
        except TimeoutError:
            await self._unsuccessful(row, OutcomeUnknown("no_answer_in_time"))
        except DeliveryFailure as failure:
            await self._unsuccessful(row, failure)
        except Exception as fault:  # the edge of one send: a fault of ours counts as an unknown outcome, and is told
            log.error("send failed delivery=%s fault=%s", row.id, type(fault).__name__)
            await self._unsuccessful(row, OutcomeUnknown(type(fault).__name__))
        else:
            await self._successful(row, receipt)

    async def _successful(self, row: DeliveryRow, receipt: Receipt) -> None:
        self._failing_since = None
        self._metrics.sent.labels(self.name, "accepted").inc()
        await self._settle(lambda tx: self._settling.accept(tx, row, receipt))

    async def _unsuccessful(self, row: DeliveryRow, failure: DeliveryFailure) -> None:
        outcome = _outcome(failure)
        if not isinstance(failure, PermanentFailure):
            self._failing_since = self._failing_since or time.monotonic()
        self._metrics.sent.labels(self.name, outcome).inc()
        log.warning("not sent delivery=%s outcome=%s reason=%s", row.id, outcome, failure.reason)
        if isinstance(failure, TemporaryFailure) and failure.retry_in:
            self._pace.told_to_wait(row.address, failure.retry_in, time.monotonic(), whole_bot=failure.retry_in <= 5)
        await self._settle(lambda tx: self._settling.fail(tx, row, failure, self._in_service_time))

    async def _settle(self, work: Callable[[Tx], object]) -> None:
        await self._store.run(work)
        self._changed()

    async def release_lost(self, *, everything: bool = False) -> int:
        """Settle the leases that ran out (all of them at a start) as unknown; gives how many."""
        return await self._store.run(lambda tx: self._settling.release(tx, self.name, everything=everything))


def _outcome(failure: DeliveryFailure) -> str:
    if isinstance(failure, PermanentFailure):
        return "perm"
    return "temp" if isinstance(failure, TemporaryFailure) else "unknown"
