"""Updates that come late: others overtake them, and none is lost."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest

from simulation.loop import SimulatedLoop
from simulation.wandering import Wandering

MANY = range(30)


@pytest.fixture
def loop() -> Iterator[SimulatedLoop]:
    """A loop on which nothing has happened."""
    loop = SimulatedLoop(Random(1))
    yield loop
    loop.bury()
    loop.close()


def queue() -> Wandering:
    """Updates of a bot that nobody has fetched."""
    return Wandering(lambda: datetime(2026, 3, 1, tzinfo=UTC))


def order(updates: Wandering) -> list[int]:
    """What waits, in the order in which the bot is given it."""
    return [json.loads(one.body)["message"]["number"] for one in updates.first()]


async def sent_late(updates: Wandering, wait: float) -> None:
    """Thirty updates, each of them up to a minute late."""
    updates.late_by, updates.draws = 60.0, Random(3)
    for number in MANY:
        updates.put("message", {"number": number})
    await asyncio.sleep(wait)


def test_who_is_late_is_overtaken_and_comes(loop: SimulatedLoop) -> None:
    updates = queue()

    loop.run_until_complete(sent_late(updates, 61.0))
    updates.let_come()

    assert order(updates) != list(MANY)
    assert sorted(order(updates)) == list(MANY)


def test_whatever_is_on_its_way_comes_when_that_is_over(loop: SimulatedLoop) -> None:
    updates = queue()

    async def some_come_and_then_all() -> int:
        await sent_late(updates, 5.0)
        some = len(order(updates))
        updates.let_come()
        return some

    some = loop.run_until_complete(some_come_and_then_all())

    assert 0 < some < len(MANY)
    assert sorted(order(updates)) == list(MANY)
