"""What goes wrong inside: with the process, its disk, its power and its clock.

Each spell is drawn, lasts, and ends; while it does, it says for whom it is foul.
"""

import asyncio
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from .loop import WORK_TAKES, Fuse
from .machine import DISK, IN_EARNEST
from .power import PowerCut
from .world import World

if TYPE_CHECKING:
    from .weather import Weather

FUSES = (1, 400)  # steps, or commits, after which a lit fuse kills
FAR = 6 * 3600.0  # seconds by which a clock may be wrong in a long life
LONG = timedelta(hours=48)


class Inside:
    """The spells of the machine."""

    def __init__(self, world: World, weather: "Weather") -> None:
        """All is well until a spell is begun."""
        self._world, self._weather = world, weather
        self._is_long = world.end - world.begin > LONG
        self.spells = (
            self.crash, self.crash, self.crash, self.power_cut, self.disk, self.disk, self.slow_disk, self.freeze,
            self.wrong_clock,
        )  # fmt: skip

    def strike(self, chance: Random) -> None:
        """Have the service killed at one of its next few steps, or commits, or the power cut at one of these."""
        process, away = self._world.process, chance.choice((0.0, 1.0, 20.0))
        if process is not None and not process.dead:
            what, most = chance.choice((("step", 40), ("commit", 8)))
            self._light(what, chance.randint(1, most), away, chance.random() < 0.3, chance)

    async def crash(self, chance: Random) -> None:
        """The process is killed, soon, between two of its steps or right after a commit."""
        self._crash_soon(chance, power=False)

    async def power_cut(self, chance: Random) -> None:
        """The process is killed, and what had not reached the disk is gone."""
        self._crash_soon(chance, power=True)

    def _crash_soon(self, chance: Random, *, power: bool) -> None:
        world, process = self._world, self._world.process
        if process is None or process.dead or process.fuse is not None:
            return
        away = chance.choice((0.0, 2.0, 30.0, chance.uniform(60, 1800)))
        what, left = chance.choice(("step", "commit")), int(chance.uniform(*FUSES) ** chance.choice((0.5, 1.0)))
        what = "commit" if power else what
        world.story.tell("weather", f"{'a power cut' if power else 'a crash'} at the {left}. {what} from now")
        self._light(what, left, away, power, chance)

    def _light(self, what: str, left: int, away: float, power: bool, chance: Random) -> None:
        world, process = self._world, self._world.process
        if process is None:
            return
        if power and what == "commit":
            cut = PowerCut(world.file, Random(chance.random()))  # noqa: S311 - from the seed
            process.fuse = Fuse(what, left, lambda: world.cut_power(cut, away), cut.look)
        else:
            process.fuse = Fuse(what, left, lambda: world.crash(away))

    async def disk(self, chance: Random) -> None:
        """The disk is full, or the database is locked by somebody else."""
        seconds = chance.choice((chance.uniform(0.01, 3), chance.uniform(1, 120)))
        trouble = chance.choice(("database or disk is full", "database is locked", "disk I/O error"))
        self._world.story.tell("weather", f"{trouble}, for {seconds:.1f} s")
        with self._weather.foul("in", "out"):
            DISK.trouble, DISK.at = trouble, "BEGIN IMMEDIATE" if "locked" in trouble else "COMMIT"
            await asyncio.sleep(seconds)
            DISK.trouble = None

    async def slow_disk(self, chance: Random) -> None:
        """Every transaction takes its time."""
        loop, seconds = self._world.loop, chance.uniform(10, 300)
        each = chance.choice((0.05, 0.4, 2.0))
        self._world.story.tell("weather", f"a transaction takes up to {each} s, for {seconds:.0f} s")
        with self._weather.foul("in", "out"):
            loop.work_takes = (each / 10, each)
            await asyncio.sleep(seconds)
            loop.work_takes = WORK_TAKES

    async def freeze(self, chance: Random) -> None:
        """The process stands still, and goes on where it was."""
        process, seconds = self._world.process, chance.choice((chance.uniform(1, 30), chance.uniform(30, 1800)))
        if process is None or process.dead:
            return
        seconds = min(seconds, max(0.0, (self._world.end - self._world.now).total_seconds()))
        self._world.story.tell("weather", f"the service stands still for {seconds:.0f} s")
        in_earnest = self._world.tempo is IN_EARNEST  # it looks often enough to notice
        with self._weather.foul("out") if in_earnest else self._weather.foul("in", "out"):
            self._world.loop.freeze(process, seconds)
            await asyncio.sleep(seconds)

    async def wrong_clock(self, chance: Random) -> None:
        """The clock is set wrong, to either side, and later right again."""
        machine, seconds = self._world.machine, chance.uniform(60, 1800)
        far = FAR if self._is_long else 600.0
        by = timedelta(seconds=chance.choice((-1, 1)) * chance.choice((2.0, 90.0, 3600.0, far)))
        self._world.story.tell("weather", f"the clock is set wrong by {by.total_seconds():.0f} s for {seconds:.0f} s")
        with self._weather.foul("in", "clock"):
            machine.wrong_by += by
            await asyncio.sleep(seconds)
            machine.wrong_by -= by
            await asyncio.sleep(abs(by.total_seconds()))  # what was put off meanwhile comes by then
