"""The engine: everything that runs, in one task group, started in order and stopped with nothing half done.

Order after a start: what was being sent when we died is settled as unknown; the messengers' backlog is read into the
inbox and handled; only then is it looked at what is overdue. The same order holds after a freeze or a deaf spell.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from store import inbox
from store.database import Store
from store.news import Word

from .bell import SWEEP_EVERY, Bell
from .clock import Clock
from .colleagues import Colleagues
from .committing import Committing
from .happenings import Happenings
from .hearing import DEAF_AFTER, Hearing, State
from .intake import Intake
from .letter import Channel
from .log import Log
from .metrics import Metrics
from .outbox import Lane
from .pace import Limits
from .planning import Book
from .polling import LONG_POLL, Poller
from .pruning import prune
from .reading import Reader
from .several_bots import Doors, cleared_by
from .source import Source
from .strangers import Strangers
from .sweeping import Sweeping
from .timekeeping import Timekeeping
from .turns import Turns
from .unserved import EVERY_LANE, Unserved
from .waking import Waking

__all__ = ["Engine", "Source"]
log = Log("engine")

FROZEN_AFTER = 60.0  # real seconds between two sweeps, which should be 5 apart
PRUNE_EVERY = 3600.0  # real seconds
SWEPT = "defender:telegram"  # whose chats are kept empty
LOCKED = "locked: what comes is kept, and nobody is called until the keys are here"
LATE_TICK = 20.0  # real seconds without a sweep before /health says so


class Engine:
    """What runs. `channels` are named by side and channel ("responder:telegram"); `limits` are each lane's, by name."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        book: Book,
        sources: Sequence[Source],
        channels: Mapping[str, Channel],
        limits: Mapping[str, Limits] | None = None,
        *,
        long_poll: int = LONG_POLL,
        deaf_after: float = DEAF_AFTER,
    ) -> None:
        """Put the parts together; nothing runs before `run`."""
        self.store = store
        self.clock = clock
        self.metrics = Metrics()
        self.happenings = Happenings(book, self.metrics)
        self.ready, self.unlocked = asyncio.Event(), asyncio.Event()
        if not store.vault.is_locked:
            self.unlocked.set()
        self._sources, self._long_poll, self._deaf_after = sources, long_poll, deaf_after
        self._strangers, self._waking, self.turns = Strangers(), Waking(), Turns(store.holding)
        clock.on_change(self._waking.due.set)
        self._timekeeping = Timekeeping(store, self.happenings, self.metrics)
        self._timekeeping.clock.sets_right = self.turns.keeps_house
        doors = Doors({source.door.source: source.door for source in sources})
        committing = Committing(self.happenings)
        self._urgent, self._ordinary = (
            Reader(store, doors, committing, book, self.metrics, urgent=urgent) for urgent in (True, False)
        )
        self.lanes = [
            Lane(name, channel, store, clock, self.happenings, self.metrics, self.changed, (limits or {}).get(name))
            for name, channel in {**dict.fromkeys(EVERY_LANE, Unserved()), **channels}.items()
        ]
        swept, is_ours = cleared_by(channels, SWEPT), self.turns.keeps_house
        self._sweeping = Sweeping(store, clock, swept, self.metrics, self.changed, is_ours)
        self._colleagues = Colleagues(store, self._waking, self.lanes, self.turns.has, is_ours, self._heard)
        came = self._colleagues.came
        self.intakes = {name: Intake(store, door, self._strangers, self.metrics, came) for name, door in doors.items()}
        self._bell = Bell(clock, self._waking.due.set, self._sweep)
        self._polled = tuple(source.door.source for source in sources if source.token is not None)
        self._hearing = Hearing(self._polled, time.monotonic(), None)
        self._swept_at, self._swept_now = time.monotonic(), clock.now()

    async def run(self) -> None:
        """Run until cancelled; then nothing is left half done. Raises what ended a task that should not end."""
        await self.turns.ask()
        if self.unlocked.is_set():
            await self._begin()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.turns.keep(), name="keep our turns")
                for source in self._sources:
                    if source.token is not None:
                        tasks.create_task(self._poll(source), name=f"poll {source.door.source}")
                if not self.unlocked.is_set():
                    await self._begin_unlocked()
                for lane in self.lanes:
                    tasks.create_task(lane.run(), name=f"lane {lane.name}")
                tasks.create_task(self._read(self._urgent, self._waking.urgent), name="read calls for help")
                tasks.create_task(self._read(self._ordinary, self._waking.arrived), name="read")
                tasks.create_task(self._keep_time(), name="keep time")
                tasks.create_task(self._set_bell(), name="set the bell")
                tasks.create_task(self._sweeping.run(), name="sweep the chats")
                self._colleagues.run(tasks)
                self._bell.start()
                self._bell.every("prune", PRUNE_EVERY, self._prune)
        finally:
            self._bell.stop()
            await asyncio.shield(self._end())

    def changed(self) -> None:
        """Something was committed: look for what is to be sent, and set the bell again.

        Raises RuntimeError on a transaction's thread: nothing is committed there, and who is woken may never wake."""
        asyncio.get_running_loop()
        self._waking.moved.set()
        self._colleagues.say(Word.MOVED)
        for lane in self.lanes:
            lane.kick()

    def state(self) -> State:
        """How well we hear."""
        return self._hearing.state(time.monotonic())

    def is_behind(self) -> bool:
        """Whether something is due or has arrived that has not been looked at yet."""
        lanes = any(lane.is_behind() for lane in self.lanes)
        return lanes or self._waking.is_behind() or self._bell.is_late() or self._sweeping.is_behind()

    def stuck(self) -> list[int]:
        """The rows of the inbox, calls for help of somebody we know, that cannot be passed on and are tried again."""
        return self._urgent.stuck()

    def troubles(self) -> list[str]:
        """What is wrong at this moment, as words; empty while time is kept and messages can go out."""
        now = time.monotonic()
        if not self.unlocked.is_set():
            return [LOCKED]
        troubles = []
        if now - self._swept_at > LATE_TICK:
            troubles.append("time is not being kept")
        if self.state() is not State.CATCHING_UP and self._hearing.is_unanswered(now):
            troubles.append("a messenger does not answer")
        troubles += [*self._timekeeping.clock.troubles(), *self._urgent.troubles()]
        troubles += [f"{lane.name} cannot send" for lane in self.lanes if lane.is_stuck()]
        return troubles

    async def _begin_unlocked(self) -> None:
        """Locked, we only take in what comes. Once the keys are here, calls for help go before everything else."""
        await self.unlocked.wait()
        await self._begin()
        await self._urgent.read_all()

    async def _begin(self) -> None:
        await self._colleagues.begin()
        for lane in self.lanes:
            await lane.release_lost(everything=True)
        self._hearing = Hearing(self._polled, time.monotonic(), await self._timekeeping.begin(), self._deaf_after)
        self._swept_at, self._swept_now = time.monotonic(), self.clock.now()
        self._waking.everything()

    async def _end(self) -> None:
        await asyncio.gather(*(lane.stop() for lane in self.lanes))
        await self._strangers.close()
        self._urgent.close()
        self._ordinary.close()
        if self.unlocked.is_set():
            await self._timekeeping.end(heard=self.state() is State.HEARING)
            await self._colleagues.end()

    async def _poll(self, source: Source) -> None:
        name, answered = source.door.source, partial(self._colleagues.answered, source.door.source)
        poller = Poller(name, source.token or "", source.api, self.intakes[name].keep, answered, self._long_poll)
        machines, gave_up = not self.store.holding.is_alone, self._colleagues.unanswered
        poller.be_among(bots=source.is_one_of_several, machines=machines, gave_up=gave_up)
        await self.turns.while_it_lasts(name, poller.run)

    def _heard(self, source: str, at: float, more_waits: bool) -> None:
        """A messenger has answered whoever polls for it, at a time in monotonic seconds."""
        before = self.state()
        self._hearing.answered(source, more_waits=more_waits, seconds=at, now=self.clock.now())
        if before is not State.HEARING:
            self._waking.due.set()

    async def _read(self, reader: Reader, arrived: asyncio.Event) -> None:
        while True:
            await arrived.wait()
            with self._waking.looking(arrived):
                if await reader.read_all():
                    self.changed()
                    self._waking.due.set()

    async def _keep_time(self) -> None:
        while True:
            with suppress(TimeoutError):  # a clock that was put back stops the bell, and is noticed all the same
                async with asyncio.timeout(2 * SWEEP_EVERY):
                    await self._waking.due.wait()
            if self._timekeeping.clock.lost(self.clock.now()):
                self._bell.begin_again()
            with self._waking.looking(self._waking.due):
                if not await self._have_caught_up():
                    continue
                while await self._timekeeping.keep(deaf=self.state() is State.DEAF):
                    self.changed()
                    await asyncio.sleep(0)
                self.ready.set()
                self.changed()

    async def _have_caught_up(self) -> bool:
        if self.state() is not State.CATCHING_UP:
            return True
        if not await self._hearing.look_around(self._inbox_is_empty, time.monotonic):
            return False
        away = self._hearing.hear_again(self.clock.now())
        if self.state() is State.DEAF:
            return True  # the question would not be heard either; it is asked when we hear again
        asked = await self._timekeeping.returned(away)
        log.info("caught_up", away=away, overdue=asked)
        return True

    async def _inbox_is_empty(self) -> bool:
        return await self.store.run(lambda tx: inbox.is_empty(tx, self.stuck()))

    async def _set_bell(self) -> None:
        while True:
            await self._waking.moved.wait()
            with self._waking.looking(self._waking.moved):
                deaf = self.state() is State.DEAF  # then the sweep looks, and the bell rings for incidents only
                self._bell.set_to(await self.store.run(partial(self._timekeeping.next_wake, deaf=deaf)))

    async def _prune(self) -> None:
        if self.turns.keeps_house() and await prune(self.store):
            self.changed()

    async def _sweep(self) -> None:
        now = time.monotonic()
        lag = now - self._swept_at - SWEEP_EVERY
        self.metrics.loop_lag.set(max(0.0, lag))
        if lag > FROZEN_AFTER:
            self._hearing.froze(now, self._swept_now)
        self._swept_at, self._swept_now = now, self.clock.now()
        for lane in self.lanes:
            await lane.release_lost()
        self._waking.everything()
        self.changed()
