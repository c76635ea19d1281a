"""How defenders live: they check in on time, late, with slips, forced, or not at all; they ask for more time, for
pauses and timers, move to another zone, and now and then they call for help.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

from bot.grid import SIGNS
from escalation.routine import Daily

from .people import CODE, FORCED, SLIP, WORD, Defender
from .promises import Promises
from .weather import Weather
from .world import World

CALLS = ("sos", "/panic", "SOS!", "help", "auxilio", "النجدة", "нужна помощь")
HABITS = ("word", "word", "word", "code", "code", "late", "late", "silent", "silent", "slip", "forced", "more", "wild")
DAY_BY_DAY = (*60 * ("word",), *15 * ("code",), *16 * ("late",), *2 * ("silent",), *3 * ("slip",), "more", "wild")
WILD = ("/timer 20m", "/later 30m", "/pause 1h", "/zone Lima", "/times", "/help", "/keep", "hello?", "🙂" * 40)
TROUBLE_COMES_TOGETHER = 0.5
LONGEST_CALM = 900.0  # seconds
STRUCK = 0.2  # of the calls for help
SURE = timedelta(seconds=45)  # before the alarm: what was given by then counts


KNOWN_AGAIN = timedelta(hours=20)  # after something of which we do not know what it did; what it moved has passed


async def live(
    world: World, weather: Weather, promises: Promises, who: Defender, danger: float, habits: Sequence[str] = HABITS
) -> None:
    """Somebody's days, from due time to due time."""
    chance = world.draws(who.name)
    begin = world.now
    promises.calm(who, begin, max(begin, (who.dues(begin, world.end) or [world.end])[0]))
    if chance.random() < danger:
        world.lives(_panics(world, weather, promises, who, chance.random()), f"{who.name} calls for help")
    sure, behind, unsure_since = True, begin, begin
    for due in who.dues(begin, world.end):
        habit = chance.choice(habits)
        if habit in ("code", "forced", "slip") and not who.has_code:
            habit = "word"
        overlaps = behind > world.now  # then what they give is for the due time before
        sure = sure or (due - unsure_since > KNOWN_AGAIN and not who.strays and not promises.open_cases(who))
        sure = await _meet(world, promises, who, due, habit, chance, sure=sure and not overlaps)
        unsure_since = unsure_since if sure else max(due, world.now)
        behind = due + who.grace + SURE


async def _meet(
    world: World, promises: Promises, who: Defender, due: datetime, habit: str, chance: Random, *, sure: bool
) -> bool:
    """What they do about one due time; whether we still know what their watch is waiting for."""
    alarm = due + who.grace
    if habit == "silent":
        await world.sleep_until(alarm)
        world.story.tell(who.name, f"has been silent, due at {due:%H:%M}")
        if sure:
            promises.missed(who, due)
        return sure
    late = habit == "late"
    at = due + who.grace * chance.uniform(0.05, 0.8) if late else due - timedelta(minutes=chance.uniform(0.1, 25))
    await world.sleep_until(max(at, world.now))
    match habit:
        case "word" | "late":
            who.phone.type(world.defenders_bot, chance.choice((WORD, f"/ok {WORD}", WORD.upper())))
            world.story.tell(who.name, f"checks in by word, due at {due:%H:%M}")
            counts = Daily(who.times, who.zone).counts_from(due) < world.now < alarm - SURE
            if sure and counts:
                following = Daily(who.times, who.zone).next_due(due) + who.grace - timedelta(seconds=1)
                promises.calm(who, world.now, min(following, alarm + timedelta(minutes=5)))
            return sure and counts
        case "code":
            await _taps(world, who, CODE, chance)
            return False
        case "forced":
            await _taps(world, who, FORCED, chance)
            return False
        case "slip":
            await _taps(world, who, SLIP, chance)
            if chance.random() < 0.35:
                await asyncio.sleep(chance.uniform(2, 300))
                await _taps(world, who, CODE, chance)
            return False
        case "more":
            who.phone.type(world.defenders_bot, f"/later {chance.choice(('10m', '40m', '1h'))}")
            return False
        case _:
            await _writes(world, who, chance)
            return False


async def _writes(world: World, who: Defender, chance: Random) -> None:
    """Anything at all."""
    for _ in range(chance.randint(1, 8)):
        said = chance.choice(WILD)
        world.story.tell(who.name, f"writes {said[:20]}")
        who.phone.type(world.defenders_bot, said)
        who.strays = who.strays or said.startswith("/zone")
        await asyncio.sleep(chance.uniform(0.1, 60))


async def _taps(world: World, who: Defender, row: tuple[int, ...], chance: Random) -> None:
    """Ask for the signs and tap a row; they try again where the grid does not come."""
    world.story.tell(who.name, f"is going to tap {row}")
    who.phone.type(world.defenders_bot, "/ok")
    for sign in row:
        for _ in range(5):
            await asyncio.sleep(chance.uniform(0.4, 4))
            try:
                who.phone.press(world.defenders_bot, SIGNS[sign])
            except LookupError:
                continue
            break


async def _panics(world: World, weather: Weather, promises: Promises, who: Defender, when: float) -> None:
    """Call for help, once or more; often when something else goes wrong too, or in the moment before a crash."""
    chance = world.draws(f"{who.name} in danger")
    await world.sleep_until(world.begin + (world.end - world.begin) * (0.05 + 0.7 * when))
    if chance.random() < TROUBLE_COMES_TOGETHER:
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_CALM):
                await weather.next_spell()
        await asyncio.sleep(chance.uniform(0, 10))
    for more in range(chance.choice((1, 1, 1, 3))):
        if more:
            await asyncio.sleep(chance.uniform(0.5, 900))
        said = chance.choice(CALLS)
        world.story.tell(who.name, f"calls for help: {said}")
        who.phone.type(world.defenders_bot, said)
        promises.called_for_help(who)
        if chance.random() < STRUCK:
            weather.strike(chance)
        if chance.random() < 0.4:
            await asyncio.sleep(chance.uniform(1, 60))
            who.phone.share_place(world.defenders_bot, 4.6, -74.1)
