"""Trials: a made-up event goes the whole way to the messenger, to a chat that is ours, and is deleted there.

In by the inbox, out by the outbox, through the lane and the channel that alarms leave by, as urgently as a first alert.
It is no incident and stands in no journal. How long it took is measured until the messenger had taken it.
"""

import asyncio
import time
from functools import partial

from pydantic import SecretStr

from store import deliveries, trials
from store.database import Store, Tx
from store.records import Address, NewDelivery

from .engine import Engine
from .letter import Buttoned, Channel, Letter, Operation, Receipt
from .log import Log
from .queueing import DELETE_LIFE, NOTICE_LIFE
from .urgency import Urgency

log = Log("trials")

TEMPLATE = "responder.trial"
IN_TIME = 60.0  # real seconds; a trial that takes longer has failed
BAD_AFTER = 3  # failures in a row


class Overheard:
    """The channel that alarms leave by, unchanged; what it took of trials is noted."""

    def __init__(self, channel: Channel) -> None:
        """Of this channel."""
        self._channel = channel
        self.taken: asyncio.Queue[tuple[int, str]] = asyncio.Queue()

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        """See `engine.letter.Channel`."""
        receipt = await self._channel.deliver(address, letter)
        if letter.template == TEMPLATE and letter.operation is Operation.SEND and receipt.message_id is not None:
            self.taken.put_nowait((letter.key, receipt.message_id))
        return receipt

    def buttons(self, letter: Letter) -> tuple[str, ...]:
        """See `engine.letter.Buttoned`."""
        return self._channel.buttons(letter) if isinstance(self._channel, Buttoned) else ()


class Trials:
    """Makes one every so often."""

    def __init__(
        self, engine: Engine, channel: Overheard, chat: SecretStr, every: float, in_time: float = IN_TIME
    ) -> None:
        """`every` is in real seconds; `chat` is one that the responders' bot may write to.

        Nothing is tried before `run`."""
        self._engine = engine
        self._store: Store = engine.store
        self._channel = channel
        self._chat = chat
        self._every = every
        self.in_time = in_time
        self._old: list[int] = []
        self._failed = 0

    async def run(self) -> None:
        """Try until cancelled, as long as anything is promised."""
        while True:
            if self._engine.unlocked.is_set() and self._engine.ready.is_set():
                await self.once()
            await asyncio.sleep(self._every)

    async def once(self) -> None:
        """One trial."""
        began = time.monotonic()
        number = await self._store.run(self._begin)
        self._engine.changed()
        took = await self._taken(number, began)
        if took is None:
            self._failed += 1
            log.error("trial_not_taken", in_a_row=self._failed)
        else:
            self._failed = 0
            self._engine.metrics.trial_seconds.observe(took)
            log.info("trial_taken", milliseconds=round(took * 1000))
        self._engine.metrics.trials_failed.set(self._failed)

    def troubles(self) -> list[str]:
        """What is wrong, as words; empty unless trials fail."""
        return ["trials are taken by nobody"] if self._failed >= BAD_AFTER else []

    async def _taken(self, number: int, began: float) -> float | None:
        """How long it took until the messenger had it; None when it did not in time. Whatever was taken is deleted, of
        an earlier trial too."""
        while True:
            try:
                async with asyncio.timeout(began + self.in_time - time.monotonic()):
                    key, message_id = await self._channel.taken.get()
            except TimeoutError:
                return None
            took = time.monotonic() - began
            await self._store.run(partial(self._tidy, message_id))
            self._engine.changed()
            if key == number:
                return took

    def _begin(self, tx: Tx) -> int:
        trials.forget(tx, self._old)
        trials.come_in(tx, int(tx.now.timestamp() * 1000))
        return self._put(tx, Operation.SEND, None, Urgency.PANIC_FIRST)

    def _tidy(self, message_id: str, tx: Tx) -> None:
        self._put(tx, Operation.DELETE, message_id, Urgency.UPKEEP)

    def _put(self, tx: Tx, operation: Operation, message_id: str | None, urgency: Urgency) -> int:
        way = trials.begin(tx, self._chat.get_secret_value())
        number = deliveries.put(tx, _to(way, tx, operation, message_id, urgency)) or 0
        self._old = [*self._old, number][-20:]
        return number


def _to(way: Address, tx: Tx, operation: Operation, message_id: str | None, urgency: Urgency) -> NewDelivery:
    return NewDelivery(
        person=way.person,
        side=way.side,
        channel=way.channel,
        address_id=way.id,
        operation=operation.value,
        template=TEMPLATE if operation is Operation.SEND else "delete",
        words={},
        urgency=urgency,
        alarm=False,
        incident=None,
        tier=None,
        round=0,
        message_id=message_id,
        not_before=tx.now,
        expires_at=tx.now + (NOTICE_LIFE if operation is Operation.SEND else DELETE_LIFE),
        dedupe=None,
    )
