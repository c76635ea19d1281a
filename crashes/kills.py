"""Killing the service: at every commit and every send of a small storm, all through a large one, and at any moment."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, cycle

from .deaths import COMMITS, SENDS, Death, Moment
from .lives import PATIENCE, POLL, SEND, SERVED, After, Blow, Outcome, Run, Taker
from .places import Original, Place

WARM_START, COLD_START = 0.6, 4.0  # seconds, on an idle machine; the latter imports everything first
SHARES = (0.2, 0.2, 0.6)  # of all lives: killed at their start, from their first poll on, from their first message on
AT_WORK = 1.0  # seconds; the longest life after that
STEPS = (5, 60)  # commits or sends of one life, in a storm that is walked through in strides
SLACK = 3  # numbers beyond those that the storm had when nobody was killed: no two runs are quite the same


@dataclass(frozen=True, slots=True)
class Killing:
    """How to kill: `at_once` storms side by side, what is served, whether it is started cold, and for how many seconds
    nothing new may come before it is said that nothing will."""

    at_once: int = 3
    module: str = SERVED
    cold: bool = False
    patience: float = PATIENCE

    async def storm(self, original: Original, blows: Iterable[Blow]) -> Outcome:
        """One storm, whose lives end by these blows."""
        async with Taker() as messenger, original.copy() as place:
            return await self._run(original, place, messenger).through(blows)

    async def walk(self, original: Original, every: int = 1) -> Outcome:
        """One storm for each commit and for each send (every Nth of them): killed there, and started again."""
        whole = Outcome()
        async for _, outcome in self.each_point(original, every):
            whole.add(outcome)
        return whole

    async def each_point(self, original: Original, every: int = 1) -> AsyncIterator[tuple[Death, Outcome]]:
        """The same, as it goes."""
        calm = await self.storm(original, [])
        deaths = [*points(COMMITS, calm.commits + SLACK, every), *points(SENDS, calm.sends + SLACK, every)]
        for first in range(0, len(deaths), self.at_once):
            few = deaths[first : first + self.at_once]
            async with asyncio.TaskGroup() as tasks:
                storms = [tasks.create_task(self.storm(original, [death]), name=str(death)) for death in few]
            for death, storm in zip(few, storms, strict=True):
                yield death, storm.result()

    async def stride(self, original: Original, seed: int = 1) -> Outcome:
        """One storm, killed every few commits or sends until it is through."""
        return await self.storm(original, strides(random.Random(seed)))  # nosec B311 # noqa: S311 - to be tried again

    async def at_random(self, original: Original, kills: int, seed: int = 1) -> Outcome:
        """As many storms as it takes until the service was killed `kills` times, at any moment."""
        return await self._many(original, lambda whole: whole.deaths >= kills, seed, signal.SIGKILL)

    async def stopped(self, original: Original, stops: int, seed: int = 1) -> Outcome:
        """As many storms as it takes until the service was told to stop `stops` times, at any moment."""
        return await self._many(original, lambda whole: len(whole.codes) >= stops, seed, signal.SIGTERM)

    async def _many(
        self, original: Original, enough: Callable[[Outcome], bool], seed: int, by: signal.Signals
    ) -> Outcome:
        whole, numbers = Outcome(), iter(range(seed, seed + 1_000_000))

        async def one_after_the_other() -> None:
            while not enough(whole):
                chance = random.Random(next(numbers))  # nosec B311 # noqa: S311 - to be tried again
                async with Taker() as messenger, original.copy() as place:
                    run = self._run(original, place, messenger)
                    whole.add(await run.through(self._moments(chance, by)))

        async with asyncio.TaskGroup() as tasks:
            for number in range(self.at_once):
                tasks.create_task(one_after_the_other(), name=f"storms {number}")
        return whole

    def _run(self, original: Original, place: Place, messenger: Taker) -> Run:
        return Run(place, original.storm, messenger, self.module, self.cold, patience=self.patience)

    def _moments(self, chance: random.Random, by: signal.Signals) -> Iterator[Blow]:
        """Lives of any length, ended by a signal: some before they are at work, some as they begin it, most in the
        middle of it, when they have said something."""
        while True:
            since = chance.choices((None, POLL, SEND), SHARES)[0]
            longest = AT_WORK if since else COLD_START if self.cold else WARM_START
            yield After(chance.uniform(0.0, longest), since, by)


def points(moments: Iterable[Moment], last: int, every: int) -> list[Death]:
    """Every Nth number, up to the last, of each of these moments."""
    return [Death(moment, number) for number in range(1, last + 1, every) for moment in moments]


def strides(chance: random.Random) -> Iterator[Blow]:
    """One moment after the other, each after a few commits or sends."""
    return (Death(moment, chance.randint(*STEPS)) for moment in cycle(chain(COMMITS, SENDS)))
