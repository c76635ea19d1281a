"""The outbox: what is pending leaves by its lane, the most urgent first, at the pace that the messenger allows.

Lease, send, settle. Whatever has ended while one transaction ran is settled by the next, which takes what leaves after
it: in a storm one transaction does for many letters; a lone one waits for nobody. A lease lasts longer than a send
can; whoever finds one that ran out knows only that nobody knows. An alarm with unknown outcome is sent again and says
so; a notice is not. A permanent failure turns to the person's next channel at once; without one the heart passes them
over. No more is leased than may leave now: a call for help never waits behind reminders that were taken before it.
"""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from store import deliveries, workers
from store.database import Store, Tx
from store.deliveries import Hand

from .clock import Clock
from .happenings import Happenings
from .leaving import looking
from .letter import Channel, DeliveryFailure, Operation, OutcomeUnknown, Receipt, TemporaryFailure
from .log import Log
from .metrics import Metrics
from .pace import CHAT_WAIT_AT_MOST, Limits, Pace
from .reach import Reach
from .settling import Ended, Settling
from .taking import InHand, Taking, Took, seconds_that_pass, to_its_end
from .urgency import Urgency

log = Log("outbox")

SEND_TIMEOUT = 10.0  # seconds; the Bot API answers in under 2
LEASE = timedelta(seconds=20)  # of real time; longer than a letter can wait for its chat and then be sent
FRESH_FOR = 4.0  # seconds; half of the time after which others take a silent worker for lost
AT_ONCE = 64  # sends under way in one lane; a hanging one keeps nobody waiting
FOR_FIRST = 16  # of these, for first alerts only
WHOLE_BOT_AT_MOST = 5.0  # seconds; a longer pause was asked for one chat
LOOK_AGAIN = 5.0  # seconds; a lost wake-up costs no more than this
A_MOMENT = 0.005  # seconds; until the next place in the pace, when there is none
IN_THE_WAY = 0.25  # seconds; until it is looked again whether what is ready and cannot leave may leave now


class Lane:
    """One channel's queue. `changed` is called whenever more may have followed from a settle than that."""

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
        self.taken_at: float | None = None  # monotonic seconds; when the messenger last took something
        self.reach = Reach()
        self._channel = channel
        self._store = store
        self._clock = clock
        self._taking = Taking(name, channel, happenings.book)
        self._settling = Settling(happenings, metrics)
        self._metrics = metrics
        self._changed = changed
        self._pace = Pace(limits or Limits())
        self._wake, self._at_work, self._stopping = asyncio.Event(), False, False
        self._sends: set[asyncio.Task[None]] = set()
        self._ended: list[Ended] = []
        self._look_again, self._counted_until = IN_THE_WAY, 0.0
        self._seconds = time.monotonic if store.shared_at is None else seconds_that_pass

    def kick(self) -> None:
        """Something may be ready to leave."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled or stopped."""
        while not self._stopping:
            self._wake.clear()
            self._at_work = True
            took = await to_its_end(self._turn())
            self._at_work = took.more
            if took.more:
                await asyncio.sleep(0)
            else:
                await self._rest(took.ready_at)

    async def stop(self) -> None:
        """Lease no more, and let what is under way end and be settled."""
        self._stopping = True
        self._wake.set()
        if self._sends:
            await asyncio.wait(self._sends, timeout=SEND_TIMEOUT + 1)
        await self._transact(0, Urgency.NOTICE)

    def is_behind(self) -> bool:
        """Whether something has ended that is not settled yet, or it is being looked what may leave."""
        return bool(self._ended) or self._at_work

    def is_stuck(self) -> bool:
        """Whether sends have been failing for a while without one that went through."""
        return self.reach.is_stuck(time.monotonic())

    async def _turn(self) -> Took:
        """Settle what has ended, take what may leave now, and have it sent."""
        await self._share_pace(time.monotonic())
        took = await self._transact(*self._room(time.monotonic()))
        now = time.monotonic()
        for one in took.in_hand:
            self._begin(one, now)
        first_alerts = bool(took.in_hand) and took.in_hand[-1].row.urgency == Urgency.PANIC_FIRST
        return replace(took, more=took.more and (first_alerts or self._room(now)[1] == Urgency.NOTICE))

    async def _share_pace(self, now: float) -> None:
        """Speak for our part only where others may speak through the same bot."""
        if self._store.shared_at is not None and now >= self._counted_until:
            self._counted_until = now + workers.SEEN_EVERY
            self.reach.among = await self._store.read(workers.alive)
            self._pace.share(self.reach.among)

    def _room(self, now: float) -> tuple[int, Urgency]:
        """How many may leave now, and how urgent they must be at least."""
        room, places = AT_ONCE - len(self._sends), self._pace.budget(now, first_alert=False)
        self._look_again = IN_THE_WAY if places else A_MOMENT
        at_most = (0 if self._sends else 1) if self.reach.is_cut_off(now) else room - FOR_FIRST
        if (ordinary := min(at_most, places)) > 0:
            return ordinary, Urgency.NOTICE
        return max(0, min(room, self._pace.budget(now, first_alert=True))), Urgency.PANIC_FIRST

    async def _transact(self, limit: int, least: Urgency) -> Took:
        """Settle and take in one transaction. Where that fails because of one that has ended, each is settled alone."""
        ended, self._ended = self._ended, []
        if not ended and not limit:
            return Took([], more=False, ready_at=self._clock.now())
        try:
            at = self._seconds()
            more_followed, took = await self._store.run(lambda tx: self._settle_and_take(tx, at, ended, limit, least))
        except Exception as fault:  # the edge of one turn: whose fault it was is found out
            if not ended:
                raise
            log.error("not_settled", delivery=ended[0].tried.row.id, fault=fault)
            await self._settle_each(ended)
            return Took([], more=True, ready_at=None)
        if more_followed:
            self._changed()
        return took

    def _settle_and_take(
        self, tx: Tx, at: float, ended: Sequence[Ended], limit: int, least: Urgency
    ) -> tuple[bool, Took]:
        more_followed = bool(ended) and self._settling.settle(tx, ended, self._in_service_time)
        if not limit:
            return more_followed, Took([], more=False, ready_at=tx.now)
        now, until = time.monotonic(), tx.now + self._in_service_time(LEASE)
        full, late = self._pace.full_chats(now), self.reach.head_start(now)
        return more_followed, self._taking.take(tx, at, until, limit, least, full, late)

    async def _settle_each(self, ended: Sequence[Ended]) -> None:
        for one in ended:
            try:
                await self._store.run(lambda tx, one=one: self._settling.settle(tx, [one], self._in_service_time))  # type: ignore[misc]
            except Exception as fault:  # the edge of one settle: its lease runs out, and then nobody knows
                log.error("not_settled", delivery=one.tried.row.id, fault=fault)
        self._changed()

    def _begin(self, one: InHand, now: float) -> None:
        """Have a letter sent, or given back if its chat may not be spoken to for too long."""
        row, wait = one.row, 0.0
        first_alert = row.urgency == Urgency.PANIC_FIRST
        if one.letter.operation in (Operation.SEND, Operation.EDIT):
            wait = self._pace.reserve_chat(str(row.address_id), now, first_alert=first_alert and row.attempt == 1)
        if wait > CHAT_WAIT_AT_MOST:
            full_for = max(0.0, wait - CHAT_WAIT_AT_MOST - A_MOMENT)  # not later than the chat has room again
            self._ended.append(Ended(one, timedelta(seconds=full_for)))
            self._wake.set()
            return
        self._pace.spend(now, first_alert=first_alert)
        task = asyncio.create_task(self._send(one, wait), name=f"send {row.id}")
        self._sends.add(task)
        task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sends.discard(task)
        self._wake.set()

    def _in_service_time(self, real: timedelta) -> timedelta:
        """A real span as the service's clock counts it; they differ in a rehearsal that runs faster."""
        minute = self._clock.delay_until(self._clock.now() + timedelta(minutes=1))
        return real * max(1.0, 60.0 / minute) if minute > 0 else real

    async def _rest(self, ready_at: datetime | None) -> None:
        waits = [LOOK_AGAIN]
        if ready_at is not None:
            wait = max(self._clock.delay_until(ready_at), self._pace.wait(time.monotonic()))
            waits.append(wait if wait > 0 else self._look_again)
        with suppress(TimeoutError):
            async with asyncio.timeout(min(waits)):
                await self._wake.wait()

    async def _send(self, one: InHand, wait: float) -> None:
        row = one.row
        if wait:
            await asyncio.sleep(wait)
        whose = await self._whose(one, looked_at=-math.inf if wait else one.at)
        if whose is not Hand.OURS:
            if whose is Hand.ANOTHERS:
                log.warning("not_ours_any_more", delivery=row.id)
            else:
                self._ended.append(Ended(one, timedelta()))
            return
        self.reach.asked(time.monotonic())
        became = await self._deliver(one)
        if isinstance(became, Receipt):
            self.taken_at = self.reach.took(time.monotonic())
            self._metrics.sent.labels(self.name, "accepted").inc()
        else:
            self._note_failure(row.id, str(row.address_id), became)
        self._ended.append(Ended(one, became))

    async def _whose(self, one: InHand, looked_at: float) -> Hand:
        """Whose a letter is, asked again whenever the process has stood still since: it may be another's by now."""
        whose = Hand.OURS
        while whose is Hand.OURS and (now := self._seconds()) - looked_at > FRESH_FOR:
            looked_at = now
            whose = await self._store.read(lambda tx: deliveries.in_hand(tx, one.row.id, one.row.attempt))
        return whose

    async def _deliver(self, one: InHand) -> Receipt | DeliveryFailure:
        try:
            with looking(self._store.holding.as_now()):
                async with asyncio.timeout(SEND_TIMEOUT):
                    return await self._channel.deliver(one.row.address, one.letter)
        except TimeoutError:
            return OutcomeUnknown("no_answer_in_time")
        except DeliveryFailure as failure:
            return failure
        except Exception as fault:  # the edge of one send: a fault of ours counts as an unknown outcome, and is told
            log.error("send_failed", delivery=one.row.id, fault=fault)
            return OutcomeUnknown("fault_of_ours")

    def _note_failure(self, delivery: int, chat: str, failure: DeliveryFailure) -> None:
        outcome, now = failure.outcome, time.monotonic()
        self.reach.refused(failure, now)
        self._metrics.sent.labels(self.name, outcome).inc()
        log.warning("not_sent", delivery=delivery, outcome=outcome, reason=failure.reason)
        if isinstance(failure, TemporaryFailure) and failure.retry_in:
            whole_bot = failure.retry_in <= WHOLE_BOT_AT_MOST
            self._pace.told_to_wait(chat, failure.retry_in, now, whole_bot=whole_bot)

    async def release_lost(self, *, everything: bool = False) -> int:
        """Settle the leases that ran out (all of them at a start) as unknown; gives how many."""
        return await self._store.run(lambda tx: self._settling.release(tx, self.name, everything=everything))
