"""What goes wrong: drawn with the seed, one spell after the other, some beside each other.

A spell is *foul* for whatever it touches: taking in ("in"), giving out ("out"), or one chat. What is owed to anybody is
counted in fair time only: from the moment on when nothing stands in its way any more.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from .inside import Inside
from .loop import WORK_TAKES
from .machine import DISK
from .outside import Outside
from .wandering import Wandering
from .world import World

SPELL = "weather: "  # begins the names of what is counted


class Weather:
    """What is foul, since when, and until when it was."""

    def __init__(self, world: World, harshness: float) -> None:
        """`harshness` is how many spells there are in an hour, about."""
        self._world = world
        self._chance = world.draws("weather")
        self._harshness = harshness
        self._foul: dict[object, int] = {}
        self._fair_since: dict[object, float] = {}
        self._began = asyncio.Event()
        self._begun: list[asyncio.Task[None]] = []
        self._inside, outside = Inside(world, self), Outside(world, self)
        self.spells: list[Callable[[Random], Coroutine[Any, Any, None]]] = [*self._inside.spells, *outside.spells]

    # What is owed, and since when it could have been paid

    def fair_since(self, *what: object) -> float | None:
        """Since when none of this has been foul, in the loop's seconds; None while any is."""
        if any(self._foul.get(one) for one in what):
            return None
        since = [self._fair_since.get(one, 0.0) for one in what]
        return max([*since, self._world.disturbed_at if "service" in what else 0.0])

    def long_fair(self, what: object, seconds: float) -> bool:
        """Whether this has not been foul for so long, or never."""
        since = self.fair_since(what)
        return since == 0.0 or (since is not None and self._world.loop.time() - since > seconds)

    @contextmanager
    def foul(self, *what: object) -> Iterator[None]:
        """While this block runs, so much is foul."""
        for one in what:
            self._foul[one] = self._foul.get(one, 0) + 1
        try:
            yield
        finally:
            for one in what:
                self._foul[one] -= 1
                self._fair_since[one] = self._world.loop.time()

    # The spells

    async def change(self) -> None:
        """One spell after the other, until the world ends."""
        if not self._harshness:
            return
        while True:
            await asyncio.sleep(self._chance.expovariate(self._harshness / 3600))
            spell = self._chance.choice(self.spells)
            self._began.set()
            self._began.clear()
            draws = Random(self._chance.random())  # noqa: S311 - from the seed
            self._begun = [one for one in self._begun if not one.done()]
            self._begun.append(self._world.lives(spell(draws), spell.__name__))
            self._world.count(f"{SPELL}{spell.__name__.replace('_', ' ')}")

    def clear_up(self) -> None:
        """From now on nothing goes wrong any more, so that whatever is owed can be paid."""
        world = self._world
        for spell in self._begun:
            spell.cancel()
        world.stage.faults.clear()
        world.stage.go_on()
        for bot in (world.defenders_bot, world.responders_bot):
            if isinstance(bot.updates, Wandering):
                bot.updates.let_come()
        DISK.trouble, world.loop.work_takes, world.machine.wrong_by = None, WORK_TAKES, timedelta()
        if world.process is not None:
            world.process.fuse = None
        world.story.tell("weather", "clears up")

    async def next_spell(self) -> None:
        """Wait until something begins to go wrong; for ever, where the weather is fair."""
        await self._began.wait()

    def strike(self, chance: Random) -> None:
        """Have the service killed at one of its next few steps, or commits."""
        self._inside.strike(chance)

    async def mind_the_service(self) -> None:
        """Nothing can be owed while the service is down, or has not caught up yet."""
        while True:
            with self.foul("service"):
                while not self._world.is_up():  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.5)
            await self._world.went_down()
