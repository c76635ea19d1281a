"""What else may befall a service in the middle of a storm: the power goes, the database goes, the disk is full, and the
clock is two days ahead.

The service is supervised as in earnest: whenever it ends, it is begun again. While the trouble lasts somebody calls for
help, and once more when it is over; both must be heard.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.driving import until
from bench.postgres import Server
from bench.processes import Process

from .counting import first_after
from .deaths import Death, Moment
from .disks import allow_growth, forbid_growth, tear
from .lives import Outcome, Run, Taker
from .places import Original, Place

TWO_DAYS = 2 * 24 * 3600.0  # seconds
SHARE = 3  # the trouble begins when a third of all alarms have come
LOOK_EVERY = 0.02  # seconds
PATIENCE = 90.0  # seconds after the trouble is over; then nothing more will come
LATE = 2  # people who call late


@dataclass(slots=True)
class Supervised:
    """A storm whose service is begun again whenever it ends; `process` is the one that runs."""

    run: Run
    process: Process | None = None
    _task: "asyncio.Task[Outcome] | None" = None

    async def begin(self) -> None:
        """Let the storm begin, and the service."""
        await self.run.begin()
        self._task = asyncio.create_task(self._through(), name="supervise")

    async def _through(self) -> Outcome:
        while True:
            self.process = self.run.start()
            try:
                over = await self.run.watch(self.process, None)
            finally:
                await self.run.end(self.process)
            self.run.outcome.lives += 1
            if over:
                return self.run.counted()

    async def kill(self) -> None:
        """Kill it once; the supervisor begins it again."""
        if self.process is not None:
            self.process.child.kill()

    async def third(self) -> None:
        """Wait until a third of all alarms have come."""
        await self.until_missing(len(self.run.storm.calls) * (SHARE - 1) // SHARE)

    async def until_missing(self, most: int) -> None:
        """Wait until no more than `most` alarms have not come yet, or nothing more will come."""
        assert self._task is not None  # noqa: S101 - it was begun
        task = self._task
        await until(lambda: task.done() or self.run.missing <= most, self.run.patience, LOOK_EVERY)

    async def outcome(self) -> Outcome:
        """What it came to, once everything has come or nothing more will."""
        assert self._task is not None  # noqa: S101 - it was begun
        return await self._task

    def late(self, which: int) -> None:
        """Have one of the late ones call for help."""
        self.run.storm.call_late(self.run.messenger, which)


async def power_cuts(original: Original, at_once: int = 3, every: int = 1, seed: int = 1) -> Outcome:
    """On SQLite: the power goes in the middle of every (Nth) commit of a storm, and the disk shows what it may."""
    async with Taker() as messenger, original.copy() as place:
        calm = await Run(place, original.storm, messenger).through([])
    whole = Outcome()
    numbers = range(1, calm.commits + 1, every)

    async def one(number: int) -> None:
        chance = random.Random(seed * 100_000 + number)  # nosec B311 # noqa: S311 - to be tried again
        async with Taker() as messenger, original.copy() as place:
            pictures = place.folder / "pictures"
            run = Run(place, original.storm, messenger, pictures=pictures)
            await run.begin()
            if not await run.live(Death(Moment.AFTER_COMMIT, number)):
                await asyncio.to_thread(tear, pictures / "before", pictures / "after", place.folder, chance)
                run.pictures = None
                while not await run.live(None):
                    pass
            whole.add(run.counted())

    for first in range(0, len(numbers), at_once):
        async with asyncio.TaskGroup() as tasks:
            for number in numbers[first : first + at_once]:
                tasks.create_task(one(number), name=f"power cut {number}")
    return whole


async def crashing_server(original: Original, server: Server, crashes: int, seed: int = 1) -> Outcome:
    """On PostgreSQL: the server and the service end as in a power cut, at any moment, and both are begun again."""
    whole, chance = Outcome(), random.Random(seed)  # nosec B311 # noqa: S311 - to be tried again
    crashed = 0
    while crashed < crashes:
        async with Taker() as messenger, original.copy() as place:
            run = Run(place, original.storm, messenger)
            await run.begin()
            while True:
                process = run.start()
                watching = asyncio.create_task(run.watch(process, None))
                done, _ = await asyncio.wait([watching], timeout=chance.uniform(0.3, 3.0))
                if not done:
                    await asyncio.to_thread(server.crash)
                    process.child.kill()
                over = await watching
                await run.end(process)
                run.note(process)
                if not done:
                    await asyncio.to_thread(server.start)
                    over, crashed = False, crashed + 1
                if over:
                    break
            whole.add(run.counted())
    return whole


async def database_gone(original: Original, server: Server | None, seconds: float) -> Outcome:
    """The database is gone for a while: PostgreSQL is stopped; the file of SQLite is locked by somebody else."""
    async with Taker() as messenger, original.copy() as place:
        storm = Supervised(Run(place, original.storm, messenger, patience=seconds + PATIENCE))
        await storm.begin()
        await storm.third()
        if server is None:
            with _locked(place):
                storm.late(0)
                await asyncio.sleep(seconds)
                back_at = time.monotonic()
        else:
            await asyncio.to_thread(server.stop)
            storm.late(0)
            await asyncio.sleep(seconds)
            await asyncio.to_thread(server.start)
            back_at = time.monotonic()
        storm.late(1)
        return await _recovered(storm, back_at)


async def disk_full(original: Original, fill: Callable[[], None], free: Callable[[], None], seconds: float) -> Outcome:
    """The disk is full for a while. `fill` and `free` do that to the disk that the copies of `original` are on."""
    async with Taker() as messenger, original.copy() as place:
        storm = Supervised(Run(place, original.storm, messenger, patience=seconds + PATIENCE))
        await storm.begin()
        await storm.third()
        await asyncio.to_thread(fill)
        storm.late(0)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(free)
        back_at = time.monotonic()
        storm.late(1)
        return await _recovered(storm, back_at)


async def no_growth(original: Original, seconds: float) -> Outcome:
    """The same for whoever may not mount a disk: for a while no file of the service may grow."""
    async with Taker() as messenger, original.copy() as place:
        storm = Supervised(Run(place, original.storm, messenger, patience=seconds + PATIENCE))
        await storm.begin()
        await storm.third()
        storm.late(0)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if (process := storm.process) is not None and process.child.poll() is None:
                forbid_growth(process, place.folder)
            await asyncio.sleep(LOOK_EVERY)
        if storm.process is not None:
            allow_growth(storm.process)
        back_at = time.monotonic()
        storm.late(1)
        return await _recovered(storm, back_at)


async def clock_ahead(original: Original) -> Outcome:
    """The clock is two days ahead in the middle of the storm, the service is killed and begins again with it so; then
    the clock is right again."""
    async with Taker() as messenger, original.copy() as place:
        clock = place.folder / "clock"
        _set(clock, 0.0)
        storm = Supervised(Run(place, original.storm, messenger, clock=clock, patience=PATIENCE))
        await storm.begin()
        await storm.third()
        _set(clock, TWO_DAYS)
        await storm.until_missing(2 * LATE)
        await storm.kill()
        storm.late(0)
        await storm.until_missing(2)
        _set(clock, 0.0)
        back_at = time.monotonic()
        storm.late(1)
        return await _recovered(storm, back_at)


async def _recovered(storm: Supervised, back_at: float) -> Outcome:
    """What a storm came to; how soon an alarm was taken after the trouble was over is its recovery."""
    outcome = await storm.outcome()
    taken_at = first_after(storm.run.messenger, back_at)
    outcome.recoveries = [taken_at - back_at] if taken_at is not None else []
    return outcome


@contextmanager
def _locked(place: Place) -> Iterator[None]:
    with closing(sqlite3.connect(place.file, isolation_level=None, timeout=30)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        yield
        somebody.execute("ROLLBACK")


def _set(clock: Path, seconds: float) -> None:
    """Have the clock be wrong by so much, for whoever looks next: never half written."""
    new = clock.with_suffix(".new")
    new.write_text(str(seconds), encoding="ascii")
    new.replace(clock)
