"""A missed check-in's first alert leaves at its deadline, because the bell rings then and not because anybody polls."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from datetime import time as wall
from itertools import pairwise
from pathlib import Path

import pytest

from engine.bell import SWEEP_EVERY
from rehearsal.clock import RehearsalClock
from tests.world import World

pytestmark = pytest.mark.real_time

PROBE_EVERY = 0.02  # seconds
LATE = 0.5  # seconds after the deadline, at the most, on an idle system
DEADLINE = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
async def quiet_world(tmp_path: Path) -> AsyncIterator[World]:
    """A minute before the grace of a check-in is over."""
    async with World(tmp_path, clock=RehearsalClock(DEADLINE - timedelta(hours=2))) as world:
        await world.defender("Ana", times=(wall(9, 0),))
        await world.responder("Bo")
        world.clock.advance(DEADLINE - timedelta(minutes=1) - world.clock.now())
        await world.settle()
        world.phones["Ana"].read(world.defenders_bot)
        yield world


class Stalls:
    """What the machine itself withheld meanwhile: time in which neither this loop nor its disk was served."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "stalls"
        self.seconds = 0.0

    async def watch(self) -> None:
        """Add up every wait that is far longer than it should be, until cancelled."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(PROBE_EVERY)
            await asyncio.to_thread(self._write_through)
            lost = time.monotonic() - began - PROBE_EVERY
            self.seconds += lost if lost > PROBE_EVERY else 0.0

    def _write_through(self) -> None:
        with self._path.open("ab") as file:
            file.write(b".")
            file.flush()
            os.fsync(file.fileno())


@pytest.mark.parametrize("lead", [0.4, 1.1, 1.9, 2.7])
async def test_the_first_alert_of_a_miss_is_less_than_half_a_second_late(
    quiet_world: World, tmp_path: Path, lead: float
) -> None:
    world, stalls = quiet_world, Stalls(tmp_path)
    assert lead < SWEEP_EVERY
    watching = asyncio.create_task(stalls.watch())
    world.clock.advance(DEADLINE - timedelta(seconds=lead) - world.clock.now())
    due = time.monotonic() + world.clock.delay_until(DEADLINE)

    await world.phones["Bo"].expect(world.responders_bot, "NO SIGN OF LIFE", within=lead + 5)

    late = time.monotonic() - due
    watching.cancel()
    assert 0 <= late < LATE + stalls.seconds, f"{late:.3f} s late, {stalls.seconds:.3f} s of it by the machine"


async def test_between_deadlines_nothing_is_asked_of_the_database_but_by_the_sweep(quiet_world: World) -> None:
    world = quiet_world
    asked: list[float] = []
    whole = world.store.run

    async def counted(work: object) -> object:
        asked.append(time.monotonic())
        return await whole(work)  # type: ignore[arg-type]

    world.store.run = counted  # type: ignore[method-assign, assignment]
    began = time.monotonic()
    await world.until(lambda: time.monotonic() - began > 2 * SWEEP_EVERY, within=3 * SWEEP_EVERY)

    bursts = 1 + sum(1 for one, other in pairwise(asked) if other - one > 0.5)
    assert bursts <= 5, "the service asks its database more often than the sweep and its lanes need"
