"""Trials: a made-up event goes the whole way to the messenger, to a chat that is ours, and is deleted there.

In by the inbox, out by the outbox, through the lane and the channel that alarms leave by, as urgently as a first alert.
It is no incident and stands in no journal. How long it took is measured until the messenger had taken it.
"""

import asyncio
import time
from contextlib import suppress
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
LOOK_EVERY = 0.5  # real seconds; between two looks whether another machine has sent it
BAD_AFTER = 3  # failures in a row


class Overheard:
    """The channel that alarms leave by, unchanged; what it took of trials is noted: `taken` are the messages."""

    def __init__(self, channel: Channel, bot: int | None = None) -> None:
        """Of this channel, which is that of `bot`: see `store.bots`."""
        self._channel, self.bot = channel, bot
        self._news = asyncio.Event()
        self.taken_at: dict[int, float] = {}  # by the letter's key, in monotonic seconds
        self.taken: asyncio.Queue[str] = asyncio.Queue()

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        """See `engine.letter.Channel`."""
        receipt = await self._channel.deliver(address, letter)
        if letter.template == TEMPLATE and letter.operation is Operation.SEND and receipt.message_id is not None:
            self.taken.put_nowait(receipt.message_id)
            self.taken_at[letter.key] = time.monotonic()
            self._news.set()
        return receipt

    async def news(self, within: float) -> None:
        """Wait until something more was taken, or for `within` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._news.wait()
        self._news.clear()

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
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.tidy(), name="take trials away")
            while True:
                is_ready = self._engine.unlocked.is_set() and self._engine.ready.is_set()
                if is_ready and self._engine.turns.keeps_house():
                    await self.once()
                await asyncio.sleep(self._every)

    async def once(self) -> None:
        """One trial. On several machines another may send it; the database knows of that too."""
        began = time.monotonic()
        number = await self._store.run(self._begin)
        self._engine.changed()
        taken_at = await self._taken(number, began + self.in_time)
        self._channel.taken_at.clear()
        self._failed = 0 if taken_at is not None else self._failed + 1
        self._engine.metrics.trials_failed.set(self._failed)
        if taken_at is None:
            log.error("trial_not_taken", in_a_row=self._failed)
            return
        self._engine.metrics.trial_seconds.observe(taken_at - began)
        log.info("trial_taken", milliseconds=round((taken_at - began) * 1000))

    async def _taken(self, number: int, until: float) -> float | None:
        """When it was, in monotonic seconds; None when it was not by `until`."""
        while time.monotonic() < until:
            if number in self._channel.taken_at:
                return self._channel.taken_at[number]
            if await self._store.read(lambda tx: trials.was_taken(tx, number)):
                return time.monotonic()
            await self._channel.news(within=LOOK_EVERY)
        return None

    async def tidy(self) -> None:
        """Have deleted whatever was taken here, whoever made it; runs until cancelled."""
        while True:
            message_id = await self._channel.taken.get()
            if self._engine.unlocked.is_set():
                await self._store.run(partial(self._take_away, message_id))
                self._engine.changed()

    def troubles(self) -> list[str]:
        """What is wrong, as words; empty unless trials fail."""
        return ["trials are taken by nobody"] if self._failed >= BAD_AFTER else []

    def _begin(self, tx: Tx) -> int:
        trials.forget(tx, self._old)
        trials.come_in(tx, int(tx.now.timestamp() * 1000))
        return self._put(tx, Operation.SEND, None, Urgency.PANIC_FIRST)

    def _take_away(self, message_id: str, tx: Tx) -> None:
        self._put(tx, Operation.DELETE, message_id, Urgency.UPKEEP)

    def _put(self, tx: Tx, operation: Operation, message_id: str | None, urgency: Urgency) -> int:
        way = trials.begin(tx, self._chat.get_secret_value(), self._channel.bot)
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
