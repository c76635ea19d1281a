"""Bars H2 and H3: a flood, of strangers or from one stolen account, delays nobody else's call for help."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from escalation.people import Role
from rehearsal.phone import Phone
from store import inbox, journal
from tests.bars.conftest import Bar
from tests.bars.malformed import originals
from tests.world import World

SLOWEST = 5.0  # seconds to the first alert; the 99th of a hundred
PATIENCE = 30.0  # seconds after which a call counts as lost
STRANGERS_A_SECOND, PANICS_A_SECOND = 200, 100
SENT_AT_LEAST = 0.95  # of what a flood is asked to bring; a thinner one proves less
STEP = 0.05  # seconds between two bursts of a flood
DRAINED_WITHIN = 3_600.0  # seconds, for sixty thousand calls of one account; nobody else waits for it
MOST_HEARD = 8  # messages to one responder in ten minutes
TEN_MINUTES = timedelta(minutes=10)


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


@pytest.mark.real_time
async def test_h2_a_flood_of_strangers_delays_no_call_for_help(world: World, bar: Bar) -> None:
    everybody = await pairs(world, bar.size(5, 50))
    seconds = bar.size(4, 600)

    def write(number: int) -> None:
        text = ("sos", "hello", f"/start {number}", "/panic")[number % 4]
        world.stage.raw_update(world.defenders_bot, originals(700_000_000 + number % 5_000, text)[number % 3])

    async with flooded(write, STRANGERS_A_SECOND) as strangers:
        took = await all_called(world, everybody, seconds)

    assert strangers[0] >= SENT_AT_LEAST * STRANGERS_A_SECOND * seconds
    assert max(took) < PATIENCE
    assert slowest(took) <= SLOWEST
    bar.holds(
        "200 messages of strangers a second, 10 minutes, 50 calls for help: P99 to the first alert <= 5 s, 0 lost",
        f"{strangers[0]:,} messages of strangers in {seconds} s, {len(took)} calls: P99 {slowest(took):.2f} s, 0 lost",
    )


@pytest.mark.real_time
async def test_h3_one_stolen_account_delays_nobody_else_and_fills_no_phone(world: World, bar: Bar) -> None:
    await world.defender("Max", watched=False)
    bo = await world.responder("Bo", of="Max")
    everybody = await pairs(world, bar.size(4, 40))
    stolen, seconds = world.phones["Max"], bar.size(3, 600)
    before = sum((await world.store.run(inbox.counts)).values())
    known, began = heard(world, bo), world.clock.now()

    async with flooded(lambda number: stolen.type(world.defenders_bot, "sos"), PANICS_A_SECOND) as panics:
        took, _ = await asyncio.gather(all_called(world, everybody, seconds), ten_minutes(world, seconds))
    drains_from = time.monotonic()
    of_bo = heard(world, bo, before=began + TEN_MINUTES) - known
    await drained(world)
    drained_in = time.monotonic() - drains_from

    counts = await world.store.run(inbox.counts)
    entries = await world.store.run(lambda tx: journal.newest(tx, 10_000_000))
    kept = sum(entry.event in ("opened", "defender_called_again") for entry in entries)
    assert panics[0] >= SENT_AT_LEAST * PANICS_A_SECOND * seconds
    assert max(took) < PATIENCE
    assert slowest(took) <= SLOWEST
    assert 2 < len(of_bo) <= MOST_HEARD
    assert sum(counts.values()) - before == panics[0] + len(everybody)
    assert kept == panics[0] + len(everybody)
    bar.holds(
        "100 calls a second from one account, 10 minutes: others' P99 <= 5 s, its responder <= 8 messages, all kept",
        f"{panics[0]:,} calls in {seconds} s, all kept, read {drained_in:.0f} s after the last; others' P99 "
        f"{slowest(took):.2f} s; {len(of_bo)} messages",
    )


Doing = Callable[[World, Phone, int], object]
CALLS: Doing = lambda world, stolen, number: stolen.type(world.defenders_bot, "sos")  # noqa: E731
WORDS: Doing = lambda world, stolen, number: stolen.type(world.defenders_bot, f"/panic at gate {number}")  # noqa: E731
TEXTS: Doing = lambda world, stolen, number: stolen.type(world.defenders_bot, f"text {number}")  # noqa: E731
PLACES: Doing = lambda world, stolen, number: stolen.share_place(world.defenders_bot, number / 99, 5.0)  # noqa: E731
PHOTOS: Doing = lambda world, stolen, number: stolen.photo(world.defenders_bot, b"p", f"photo {number}")  # noqa: E731
VOICES: Doing = lambda world, stolen, number: stolen.voice(world.defenders_bot, b"v")  # noqa: E731
SIGNS: Doing = lambda world, stolen, number: stolen.type(world.defenders_bot, "maple")  # noqa: E731
LATER: Doing = lambda world, stolen, number: stolen.type(world.defenders_bot, "/later 5m")  # noqa: E731
EVENTS = {CALLS: 1, WORDS: 2, TEXTS: 1, PLACES: 1, PHOTOS: 1, VOICES: 1, SIGNS: 1, LATER: 0}  # each is kept as so many
FLOODS: dict[str, tuple[Doing, ...]] = {
    "calls": (CALLS,),
    "calls with words": (WORDS,),
    "places": (PLACES,),
    "photos and voices": (PHOTOS, VOICES),
    "check-ins": (SIGNS, LATER),
    "all of it": (WORDS, TEXTS, PLACES, PHOTOS, VOICES, SIGNS, LATER, CALLS),
}


@pytest.mark.parametrize(("flood", "held"), [*((flood, False) for flood in FLOODS), ("all of it", True)])
async def test_h3_whatever_a_stolen_account_sends_no_phone_is_filled(
    world: World, bar: Bar, flood: str, held: bool
) -> None:
    stolen = await world.defender("Max")
    people = {
        "Bo": await world.responder("Bo", of="Max"),
        "Cleo": await world.responder("Cleo", tier="colleagues", of="Max"),
    }
    people["Dara"] = await world.responder("Dara", Role.COORDINATOR, tier=None)
    known = {name: heard(world, phone) for name, phone in people.items()}
    for number in range(3):
        TEXTS(world, stolen, number)
    await world.settle()
    CALLS(world, stolen, 0)
    began = world.clock.now()
    await world.settle(within=DRAINED_WITHIN)
    if held:
        people["Bo"].press(world.responders_bot, "On it")

    number = 0
    every = TEN_MINUTES / bar.size(8, 30)
    while world.clock.now() < began + TEN_MINUTES:
        for _ in range(bar.size(len(FLOODS[flood]), 100)):
            FLOODS[flood][number % len(FLOODS[flood])](world, stolen, number)
            number += 1
        await world.settle(within=DRAINED_WITHIN)
        world.clock.advance(every)
    world.clock.advance(timedelta(seconds=1))  # the last word is looked at
    await world.settle(within=DRAINED_WITHIN)

    entries = await world.store.run(lambda tx: journal.newest(tx, 10_000_000))
    kept = sum(entry.event in KEPT_AS for entry in entries)
    told = sum(EVENTS[FLOODS[flood][each % len(FLOODS[flood])]] for each in range(number))
    until = began + TEN_MINUTES
    most = {name: len(heard(world, phone, before=until) - known[name]) for name, phone in people.items()}
    assert max(most.values()) <= MOST_HEARD, most
    assert min(most["Bo"], most["Dara"]) > 2, "whoever was called is told"
    assert held or most["Cleo"] > 2
    assert kept == told
    bar.holds(
        "whatever one account floods with, each of its responders gets <= 8 messages in 10 minutes, and all is kept",
        f"{number:,} of {flood}, {'held' if held else 'not held'}: {max(most.values())} messages",
    )


KEPT_AS = ("defender_called_again", "defender_sent", "defender_checked_in")


def heard(world: World, phone: Phone, before: datetime | None = None) -> frozenset[int]:
    """The messages that the bot has sent to a responder, those deleted since among them; those `before` an instant."""
    of_bot = (message for message in phone.chat(world.responders_bot) if message.from_bot)
    return frozenset(message.id for message in of_bot if before is None or message.sent_at < before)


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
