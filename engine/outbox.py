"""The outbox: what is pending leaves by its lane, the most urgent first, at the pace that the messenger allows.

Lease, send, settle. A lease lasts longer than a send can; whoever finds one that ran out knows only that nobody knows.
An alarm with unknown outcome is sent again and says so; a notice is not. A permanent failure turns to the person's next
channel at once, and when there is none the heart passes them over. No more is leased than may leave right now, so that
a call for help never waits behind reminders that somebody had already taken in hand.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta

from store import deliveries
from store.database import Store, Tx, begins_again
from store.records import DeliveryRow
from store.states import StateUnreadable

from .announcing import tell_coordinators
from .buttons import with_tokens
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
from .log import Log
from .metrics import Metrics
from .pace import CHAT_WAIT_AT_MOST, Limits, Pace
from .settling import Settling
from .urgency import Urgency
from .views import IncidentView

log = Log("outbox")

SEND_TIMEOUT = 10.0  # seconds; the Bot API answers in under 2
LEASE = timedelta(seconds=20)  # of real time; longer than a letter can wait for its chat and then be sent
AT_ONCE = 64  # sends under way in one lane; a hanging one keeps nobody waiting
FOR_FIRST = 16  # of these, for first alerts only
WHOLE_BOT_AT_MOST = 5.0  # seconds; a longer pause was asked for one chat
STUCK_AFTER = 120.0  # seconds of failures without one success
LOOK_AGAIN = 5.0  # seconds; a lost wake-up costs no more than this
A_MOMENT = 0.005  # seconds; until the next place in the pace, when there is none
IN_THE_WAY = 0.25  # seconds; until it is looked again whether what is ready and cannot leave may leave now


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
        self.taken_at: float | None = None  # monotonic seconds; when the messenger last took something
        self._channel = channel
        self._store = store
        self._clock = clock
        self._settling = Settling(happenings, metrics)
        self._book = happenings.book
        self._metrics = metrics
        self._changed = changed
        self._pace = Pace(limits or Limits())
        self._wake = asyncio.Event()
        self._sends: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._look_again = IN_THE_WAY

    def kick(self) -> None:
        """Something may be ready to leave."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled or stopped."""
        while not self._stopping:
            self._wake.clear()
            if await _to_its_end(self._send_what_may_leave()):
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
        now = time.monotonic()
        room, places = AT_ONCE - len(self._sends), self._pace.budget(now, first_alert=False)
        self._look_again = IN_THE_WAY if places else A_MOMENT
        ordinary = min(room - FOR_FIRST, places)
        first = min(room, self._pace.budget(now, first_alert=True))
        if first <= 0:
            return False
        least = Urgency.NOTICE if ordinary > 0 else Urgency.PANIC_FIRST
        limit = ordinary if ordinary > 0 else first
        leased = await self._store.run(lambda tx: self._lease(tx, limit, least))
        now = time.monotonic()
        early = [(row, wait) for row, letter in leased if (wait := self._begin(row, letter, now))]
        if early:
            await self._store.run(lambda tx: self._give_back(tx, early))
        return bool(leased)

    def _begin(self, row: DeliveryRow, letter: Letter, now: float) -> float:
        """Have a letter sent; gives the seconds until its chat may be spoken to when that is too far off."""
        first_alert, wait = row.urgency == Urgency.PANIC_FIRST, 0.0
        if letter.operation in (Operation.SEND, Operation.EDIT):
            wait = self._pace.reserve_chat(str(row.address_id), now, first_alert=first_alert and row.attempt == 1)
        if wait > CHAT_WAIT_AT_MOST:
            return wait
        self._pace.spend(now, first_alert=first_alert)
        task = asyncio.create_task(self._send(row, letter, wait), name=f"send {row.id}")
        self._sends.add(task)
        task.add_done_callback(self._sent)
        return 0.0

    def _give_back(self, tx: Tx, early: list[tuple[DeliveryRow, float]]) -> None:
        for row, wait in early:
            full_for = max(0.0, wait - CHAT_WAIT_AT_MOST - A_MOMENT)  # not later than the chat has room again
            later = tx.now + self._in_service_time(timedelta(seconds=full_for))
            deliveries.defer(tx, row.id, row.attempt, later)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sends.discard(task)
        self._wake.set()

    def _lease(self, tx: Tx, limit: int, least: Urgency) -> list[tuple[DeliveryRow, Letter]]:
        until = tx.now + self._in_service_time(LEASE)
        full = [int(chat) for chat in self._pace.full_chats(time.monotonic())]
        rows = deliveries.lease(
            tx, self.name, tx.now, until, limit, least_urgent=least, full=full, anyhow=Urgency.PANIC_FIRST
        )
        seen: dict[object, IncidentView] = {}
        letters = []
        for row in rows:
            try:
                letter = compose(tx.looking(), row, seen, self._book)  # type: ignore[arg-type]
            except StateUnreadable:
                deliveries.failed(tx, row.id, row.attempt, "perm", "unreadable")
                tell_coordinators(tx, "not_decided", once=f"not_decided:{tx.now:%Y%m%d%H}")
                continue
            if letter is None:
                deliveries.failed(tx, row.id, row.attempt, "perm", "incident_closed")
            else:
                letters.append((row, self._with_tokens(tx, row, letter)))
        return letters

    def _with_tokens(self, tx: Tx, row: DeliveryRow, letter: Letter) -> Letter:
        try:
            with tx.savepoint():
                return with_tokens(tx, self._channel, row, letter)
        except Exception as fault:  # the edge of one letter: an alarm without buttons is better than none
            if begins_again(fault):
                raise
            log.error("no_buttons", delivery=row.id, fault=fault)
            return letter

    def _in_service_time(self, real: timedelta) -> timedelta:
        """A real span as the service's clock counts it; they differ in a rehearsal that runs faster."""
        minute = self._clock.delay_until(self._clock.now() + timedelta(minutes=1))
        return real * max(1.0, 60.0 / minute) if minute > 0 else real

    async def _rest(self) -> None:
        now = time.monotonic()
        waits = [LOOK_AGAIN]
        ready_at = await self._store.run(lambda tx: deliveries.next_ready(tx, self.name))
        if ready_at is not None:
            wait = max(self._clock.delay_until(ready_at), self._pace.wait(now))
            waits.append(wait if wait > 0 else self._look_again)
        try:
            async with asyncio.timeout(min(waits)):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _send(self, row: DeliveryRow, letter: Letter, wait: float) -> None:
        if wait:
            await asyncio.sleep(wait)
            if await self._store.read(lambda tx: deliveries.was_taken_back(tx, row.id)):
                await self._settle(lambda tx: deliveries.defer(tx, row.id, row.attempt, tx.now))
                return
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                receipt = await self._channel.deliver(row.address, letter)
        except TimeoutError:
            await self._unsuccessful(row, OutcomeUnknown("no_answer_in_time"))
        except DeliveryFailure as failure:
            await self._unsuccessful(row, failure)
        except Exception as fault:  # the edge of one send: a fault of ours counts as an unknown outcome, and is told
            log.error("send_failed", delivery=row.id, fault=fault)
            await self._unsuccessful(row, OutcomeUnknown("fault_of_ours"))
        else:
            await self._successful(row, letter, receipt)

    async def _successful(self, row: DeliveryRow, letter: Letter, receipt: Receipt) -> None:
        self._failing_since, self.taken_at = None, time.monotonic()
        self._metrics.sent.labels(self.name, "accepted").inc()
        await self._settle(lambda tx: self._settling.accept(tx, row, receipt, letter.incident))

    async def _unsuccessful(self, row: DeliveryRow, failure: DeliveryFailure) -> None:
        outcome = _outcome(failure)
        if not isinstance(failure, PermanentFailure):
            self._failing_since = self._failing_since or time.monotonic()
        self._metrics.sent.labels(self.name, outcome).inc()
        log.warning("not_sent", delivery=row.id, outcome=outcome, reason=failure.reason)
        if isinstance(failure, TemporaryFailure) and failure.retry_in:
            whole_bot = failure.retry_in <= WHOLE_BOT_AT_MOST
            self._pace.told_to_wait(str(row.address_id), failure.retry_in, time.monotonic(), whole_bot=whole_bot)
        await self._settle(lambda tx: self._settling.fail(tx, row, failure, self._in_service_time))

    async def _settle(self, work: Callable[[Tx], object]) -> None:
        await self._store.run(work)
        self._changed()

    async def release_lost(self, *, everything: bool = False) -> int:
        """Settle the leases that ran out (all of them at a start) as unknown; gives how many."""
        return await self._store.run(lambda tx: self._settling.release(tx, self.name, everything=everything))


async def _to_its_end(step: Coroutine[None, None, bool]) -> bool:
    """Do `step`; who is cancelled meanwhile ends only after it, so that nothing is taken that nobody sends."""
    doing = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await doing
        raise


def _outcome(failure: DeliveryFailure) -> str:
    if isinstance(failure, PermanentFailure):
        return "perm"
    return "temp" if isinstance(failure, TemporaryFailure) else "unknown"
