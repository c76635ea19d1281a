"""Bars H2 and H3: a flood, of strangers or from one stolen account, delays nobody else's call for help."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from rehearsal.phone import Phone
from store import inbox, journal
from tests.bars.conftest import Bar
from tests.bars.malformed import originals
from tests.world import World

SLOWEST = 5.0  # seconds to the first alert; the 99th of a hundred
PATIENCE = 30.0  # seconds after which a call counts as lost
STRANGERS_A_SECOND, PANICS_A_SECOND = 200, 100
STEP = 0.05  # seconds between two bursts of a flood
DRAINED_WITHIN = 600.0  # seconds
MOST_HEARD = 8  # messages to one responder in ten minutes


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A service with nobody in it."""
    async with World(tmp_path) as opened:
        yield opened


async def pairs(world: World, count: int) -> list[tuple[Phone, Phone]]:
    """Defenders, each with a responder of their own."""
    found = []
    for number in range(count):
        defender = await world.defender(f"Ana {number}", watched=False)
        found.append((defender, await world.responder(f"Bo {number}", of=f"Ana {number}")))
    return found


@asynccontextmanager
async def flooded(each: Callable[[int], object], a_second: int) -> AsyncIterator[list[int]]:
    """`each` is done so many times a second meanwhile; gives a list that holds how often, in the end."""
    done = [0]

    async def flood() -> None:
        began = time.monotonic()
        while True:
            due = int((time.monotonic() - began) * a_second)
            for number in range(done[0], due):
                each(number)
            done[0] = max(due, done[0])
            await asyncio.sleep(STEP)

    task = asyncio.create_task(flood())
    yield done
    task.cancel()


async def seconds_to_first_alert(world: World, defender: Phone, responder: Phone) -> float:
    """How long a call for help takes to the first alert; PATIENCE when none came."""
    began = time.monotonic()
    defender.type(world.defenders_bot, "sos")
    try:
        await responder.expect(world.responders_bot, "CALL FOR HELP", within=PATIENCE)
    except AssertionError:
        return PATIENCE
    return time.monotonic() - began


async def all_called(world: World, everybody: list[tuple[Phone, Phone]], seconds: float) -> list[float]:
    """Everybody calls for help, one after the other over so many seconds; gives what the alerts took, in order."""
    began, waits = time.monotonic(), []
    for number, (defender, responder) in enumerate(everybody):
        waits.append(asyncio.create_task(seconds_to_first_alert(world, defender, responder)))
        await asyncio.sleep(max(0.0, began + seconds * (number + 1) / len(everybody) - time.monotonic()))
    return sorted(await asyncio.gather(*waits))


def slowest(seconds: list[float]) -> float:
    """The 99th of a hundred."""
    return seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))]


async def test_h2_a_flood_of_strangers_delays_no_call_for_help(world: World, bar: Bar) -> None:
    everybody = await pairs(world, bar.size(5, 50))
    seconds = bar.size(4, 600)

    def write(number: int) -> None:
        text = ("sos", "hello", f"/start {number}", "/panic")[number % 4]
        world.stage.raw_update(world.defenders_bot, originals(700_000_000 + number % 5_000, text)[number % 3])

    async with flooded(write, STRANGERS_A_SECOND) as strangers:
        took = await all_called(world, everybody, seconds)

    assert strangers[0] >= 0.5 * STRANGERS_A_SECOND * seconds
    assert max(took) < PATIENCE
    assert slowest(took) <= SLOWEST
    bar.holds(
        "200 messages of strangers a second, 10 minutes, 50 calls for help: P99 to the first alert <= 5 s, 0 lost",
        f"{strangers[0]:,} messages of strangers in {seconds} s, {len(took)} calls: P99 {slowest(took):.2f} s, 0 lost",
    )


async def test_h3_one_stolen_account_delays_nobody_else_and_fills_no_phone(world: World, bar: Bar) -> None:
    await world.defender("Max", watched=False)
    bo = await world.responder("Bo", of="Max")
    everybody = await pairs(world, bar.size(4, 40))
    stolen, seconds = world.phones["Max"], bar.size(2, 200)
    before = sum((await world.store.run(inbox.counts)).values())

    async with flooded(lambda number: stolen.type(world.defenders_bot, "sos"), PANICS_A_SECOND) as panics:
        took, _ = await asyncio.gather(all_called(world, everybody, seconds), ten_minutes(world, seconds))
    heard = [message for message in bo.chat(world.responders_bot) if message.from_bot and "Bo" not in message.text]
    await drained(world)

    counts = await world.store.run(inbox.counts)
    entries = await world.store.run(lambda tx: journal.newest(tx, 10_000_000))
    kept = sum(entry.event in ("opened", "defender_called_again") for entry in entries)
    assert max(took) < PATIENCE
    assert slowest(took) <= SLOWEST
    assert 2 < len(heard) <= MOST_HEARD
    assert sum(counts.values()) - before == panics[0] + len(everybody)
    assert kept == panics[0] + len(everybody)
    bar.holds(
        "100 calls a second from one account: others' P99 <= 5 s, its responder <= 8 messages in 10 minutes, all kept",
        f"{panics[0]:,} calls in {seconds} s, all kept; others' P99 {slowest(took):.2f} s; {len(heard)} messages",
    )


async def ten_minutes(world: World, seconds: float) -> None:
    """Let ten minutes pass for the service in so many real seconds."""
    for _ in range(20):
        await asyncio.sleep(seconds / 20)
        world.clock.advance(timedelta(minutes=10) / 20 - timedelta(seconds=seconds / 20))


async def drained(world: World) -> None:
    """Wait until all that came was read."""
    async with asyncio.timeout(DRAINED_WITHIN):
        while not await world.store.run(inbox.is_empty):  # noqa: ASYNC110 - nobody tells a test
            await asyncio.sleep(0.2)
