"""Everything that one seed draws, and everybody in it; whoever acts in a simulation holds this.

People live in the world's process, which nobody kills; the service runs in one of its own, which the weather may.
"""

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any

from rehearsal.accounts import BotAccount, Change, Watcher
from rehearsal.server import Stage
from store.keyring import Keyring

from .build import TOKENS, Build
from .loop import Process, SimulatedLoop
from .machine import DISK, Machine, Tempo, TrueClock, let_go_of_files
from .power import PowerCut
from .wandering import Wandering

REFERENCE = re.compile(r"\b[0-9BCDFGHJKMNPQRSTVWXYZ]{4,6}\b(?= ·| \||:|$)")
REMEMBERED = 60  # events of the story that are told of a seed that failed
SUPERVISOR = (1.0, 4.0)  # seconds until a service that ended is started again


class Story:
    """What happened, in order: the last of it to be told, all of it as one hash."""

    def __init__(self, machine: Machine, *, whole: bool = False) -> None:
        self._machine = machine
        self._hash = blake2b(digest_size=16)
        self._whole = whole
        self.events: list[str] = []
        self.count = 0

    def tell(self, who: str, what: str) -> None:
        """One event."""
        line = f"{self._machine.true_now():%d. %H:%M:%S.%f}"[:-3] + f"  {who:<12} {what}"
        self._hash.update(REFERENCE.sub("····", line).encode())
        self.count += 1
        self.events.append(line)
        if not self._whole and len(self.events) > 4 * REMEMBERED:
            del self.events[:-REMEMBERED]

    @property
    def digest(self) -> str:
        """The same for two runs in which the same happened, whatever ids and references were drawn for it."""
        return self._hash.hexdigest()


@dataclass
class World:
    """One seed, begun."""

    seed: int
    loop: SimulatedLoop
    machine: Machine
    tempo: Tempo
    build: Build
    keyring: Keyring
    file: Path
    story: Story
    begin: datetime
    end: datetime
    stage: Stage = field(init=False)
    defenders_bot: BotAccount = field(init=False)
    responders_bot: BotAccount = field(init=False)
    process: Process | None = None
    crashes: int = 0
    starts: int = 0
    defenders: int = 0
    outage_until: float = 0.0
    disturbed_at: float = 0.0  # when the service last began, or ended
    broken: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    ears: dict[int, Watcher] = field(default_factory=dict)  # what somebody does when their phone shows something new
    _task: "asyncio.Task[None] | None" = None
    _lives: "set[asyncio.Task[Any]]" = field(default_factory=set)
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    def draws(self, of: str) -> Random:
        """Randomness that belongs to somebody, or something, alone."""
        return Random(f"{self.seed}:{of}")  # noqa: S311 - a seed, so that it can be tried again

    @property
    def now(self) -> datetime:
        """What time it really is."""
        return self.machine.true_now()

    def count(self, what: str) -> None:
        """One more of these."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def breaks(self, promise: str) -> None:
        """A promise was broken."""
        self.broken.append(f"{self.now:%d. %H:%M:%S} {promise}")
        self.story.tell("BROKEN", promise)

    async def open_stage(self) -> None:
        """The messenger, with both bots and nobody yet."""
        self.stage = Stage(TrueClock(self.machine))
        self.defenders_bot = self.stage.add_bot(TOKENS["defenders"], "daybook_bot", "Daybook")
        self.responders_bot = self.stage.add_bot(TOKENS["responders"], "rota_bot", "Rota")
        for bot in (self.defenders_bot, self.responders_bot):
            bot.updates.__class__ = Wandering
        await self.stage.open()
        self.stage.messenger.watchers.append(self._pass_on)

    def _pass_on(self, change: Change) -> None:
        person = change.chat.person
        if person is not None and (ear := self.ears.get(person.id)) is not None:
            ear(change)

    def lives(self, life: Coroutine[Any, Any, None], of: str) -> "asyncio.Task[None]":
        """Have somebody's life, or something's, go on beside the others until the end."""
        task = asyncio.ensure_future(life)
        task.set_name(of)
        self._lives.add(task)
        task.add_done_callback(self._lived)
        return task

    def _lived(self, task: "asyncio.Task[Any]") -> None:
        self._lives.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self.breaks(f"the simulation itself: {task.get_name()}: {fault!r}")

    async def sleep_until(self, when: datetime) -> None:
        """Wait until it really is `when`."""
        await asyncio.sleep(max(0.0, (when - self.now) / timedelta(seconds=1)))

    # The service

    async def supervise(self) -> None:
        """Start the service, and start it again whenever it has ended, until the world ends."""
        chance = self.draws("supervisor")
        while True:
            self._ended.clear()
            self.process, context = self.loop.new_process()
            self.starts += 1
            self.disturbed_at = self.loop.time()
            self.story.tell("service", f"starts, for the {self.starts}. time")
            serving = self.build.serve(
                self.file,
                self.stage.url,
                self.keyring,
                long_poll=self.tempo.long_poll,
                deaf_after=self.tempo.deaf_after,
            )
            self._task = self.loop.create_task(serving, context=context)
            self._task.add_done_callback(self._service_ended)
            await self._ended.wait()
            await asyncio.sleep(max(chance.uniform(*SUPERVISOR), self.outage_until - self.loop.time()))

    def _service_ended(self, task: "asyncio.Task[None]") -> None:
        fault = None if task.cancelled() else task.exception()
        if not task.cancelled():
            self.story.tell("service", f"ends: {_of(fault)}")
            self.count("ends")
        let_go_of_files()
        self.disturbed_at = self.loop.time()
        self._ended.set()

    def is_up(self) -> bool:
        """Whether the service runs and keeps time."""
        running = self.build.running[-1] if self.build.running else None
        alive = self.process is not None and not self.process.dead and not self._ended.is_set()
        return alive and running is not None and running.engine.ready.is_set()

    async def went_down(self) -> None:
        """Wait until the service has ended, or was killed."""
        await self._ended.wait()

    def crash(self, away: float) -> None:
        """Kill the service at this very step; it is started again after `away` seconds."""
        if self.process is None or self.process.dead or self._ended.is_set():
            return
        self.crashes += 1
        self.story.tell("service", f"is killed, and is away for {away:.0f} s")
        self.disturbed_at = self.loop.time()
        self.outage_until = self.loop.time() + away
        self.loop.kill(self.process)
        let_go_of_files()
        self._ended.set()

    def cut_power(self, power: PowerCut, away: float) -> None:
        """As `crash`, and what had not reached the disk is gone."""
        power.freeze()
        self.crash(away)
        self.story.tell("service", f"had no power: the log is {power.torn or 'whole'}")
        if (fault := power.restore()) is not None:
            self.breaks(f"after a power cut the database is not sound: {fault}")

    async def close(self) -> None:
        """End everybody's life, and kill the service."""
        for task in list(self._lives):
            task.cancel()
        if self.process is not None:
            self.loop.kill(self.process)
        DISK.trouble = None
        let_go_of_files()
        await self.stage.close()


def _of(fault: BaseException | None) -> str:
    """What ended it, in few words."""
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return (
        "by itself" if fault is None else f"{type(fault).__name__}: {str(fault).splitlines()[0] if str(fault) else ''}"
    )
