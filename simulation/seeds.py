"""One seed, from its beginning to its end: what was drawn, what became of it, and what was broken."""

import asyncio
import gc
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from time import process_time

from store.database import Store
from store.keyring import Keyring

from . import answering, defending, people
from .auditing import Auditing
from .build import Build
from .burying import unheard
from .loop import SimulatedLoop, Stalled
from .machine import ASLEEP, AT_EASE, DREAMING, IN_EARNEST, Machine, Tempo, in_place, let_go_of_files
from .promises import Promises
from .weather import Weather
from .world import Story, World

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where files are kept in memory, on Linux; anywhere else will do
KEYS_MADE = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = (
    datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC),  # clocks change in Europe
    datetime(2026, 3, 8, 3, tzinfo=UTC), datetime(2026, 11, 1, 2, tzinfo=UTC),  # and in America
    datetime(2026, 4, 23, 18, tzinfo=UTC),  # and in Egypt
)  # fmt: skip
COLLECTED_EVERY = 1200.0  # seconds
LONG_LIFE = 48.0  # hours
AUDITS_AT_MOST = 150  # in one seed
EPILOGUE = 900.0  # seconds of fair weather at the end; AT_LAST and what an outage puts off


@dataclass(frozen=True, slots=True)
class Size:
    """How large a life is, in hours and defenders, and what is likely in it: `harshness` is in spells of bad weather an
    hour, `danger` the chance that somebody calls for help, `lies` that a responder takes what they do nothing about."""

    hours: tuple[float, float] = (1.0, 3.0)
    defenders: tuple[int, int] = (1, 3)
    harshness: float = 5.0
    danger: float = 0.35
    lies: float = 0.08
    habits: tuple[str, ...] = defending.HABITS


SMALL = Size()
LONG = Size((6 * 24.0, 10 * 24.0), (30, 60), harshness=0.05, danger=0.05, habits=defending.DAY_BY_DAY)
A_LONG_ONE = 100  # seeds, of which one is long


def size_of(seed: int) -> Size:
    """What a seed is when nothing else was asked for: short and violent; every hundredth long and quiet."""
    return LONG if seed % A_LONG_ONE == 0 else SMALL


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one seed."""

    seed: int
    digest: str
    broken: tuple[str, ...]
    last: tuple[str, ...]
    simulated: timedelta
    events: int
    crashes: int
    starts: int
    counts: dict[str, int]
    seconds: float
    defenders: int


@cache
def _keyring() -> Keyring:
    return Keyring.fresh(KEYS_MADE)


@cache
def _blank() -> Path:
    """A folder with a database that has no rows; made once, by a run of the store of its own."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-blank-", dir=_where()))

    async def make() -> None:
        store = await Store.open(f"sqlite:///{folder / 'tocsin.db'}", lambda: KEYS_MADE, _keyring())
        await store.close()

    asyncio.run(make())
    gc.collect()
    gc.freeze()  # what is there by now stays, and need not be looked at after every seed
    return folder


def _where() -> Path | None:
    return IN_MEMORY if IN_MEMORY.is_dir() else None


@cache
def _place() -> Path:
    """Where this worker keeps the files of the seed at hand; the same for all, so that engines can be kept."""
    return Path(tempfile.mkdtemp(prefix="tocsin-seed-", dir=_where()))


def clean_up() -> None:
    """Remove what this worker has kept."""
    let_go_of_files()
    gc.unfreeze()
    for folder in (_place(), _blank()):
        shutil.rmtree(folder, ignore_errors=True)
    _place.cache_clear()
    _blank.cache_clear()


def simulate(
    seed: int, size: Size = SMALL, build: Build | None = None, *, whole: bool = False, ids: int = 0
) -> Outcome:
    """Run one seed to its end. `whole` keeps every event of its story, which is long; other `ids` are drawn for other
    numbers, and change nothing that happens."""
    with unheard():
        return _simulate(seed, size, build or Build(), whole=whole, ids=ids)


def _simulate(seed: int, size: Size, build: Build, *, whole: bool, ids: int) -> Outcome:
    began = process_time()
    chance = Random(f"{seed}:world")  # noqa: S311 - a seed, so that it can be tried again
    begin = _day(chance)
    tempo, hours = _tempo(chance, size)
    loop = SimulatedLoop(Random(f"{seed}:loop"))  # noqa: S311
    machine = Machine(loop, begin)
    folder = _fresh_files()
    world = World(
        seed, loop, machine, tempo, build, _keyring(), folder / "tocsin.db", Story(machine, whole=whole),
        begin, begin + timedelta(hours=hours),
    )  # fmt: skip
    with in_place(machine, loop, tempo, Random(f"{seed}:machine:{ids}")):  # noqa: S311
        try:
            loop.run_until_complete(_live(world, chance, size))
        except Stalled:
            world.breaks("everybody waits, and nothing will ever happen")
        build.running.clear()
        loop.bury()
        loop.close()
    world.broken += [f"on the loop: {fault}" for fault in loop.faults]
    return Outcome(
        seed, world.story.digest, tuple(world.broken), tuple(world.story.events), world.now - begin,
        world.story.count, world.crashes, world.starts, world.counts, process_time() - began,
        world.defenders,
    )  # fmt: skip


async def _live(world: World, chance: Random, size: Size) -> None:
    await world.open_stage()
    defenders, responders = people.draw_people(world, chance, chance.randint(*size.defenders))
    store = await Store.open(f"sqlite:///{world.file}", world.machine.shown_now, world.keyring)
    await people.enrol(store, defenders, responders)
    await store.close()
    weather = Weather(world, size.harshness * chance.choice((0.0, 0.5, 1.0, 2.0)))
    promises = Promises(world, weather, defenders, responders)
    world.lives(world.supervise(), "supervisor")
    world.lives(weather.mind_the_service(), "weather of the service")
    changing = world.lives(weather.change(), "weather")
    every = (world.end - world.begin) / timedelta(seconds=1) / AUDITS_AT_MOST
    world.defenders = len(defenders)
    auditing = Auditing(world, weather, defenders, responders, every)
    world.lives(auditing.now_and_then(), "audits")
    world.lives(_collect(max(every, COLLECTED_EVERY)), "what is let go of")
    for who in responders:
        world.lives(answering.Responding(world, promises, who, size.lies).come_and_go(), who.name)
    for one in defenders:
        world.lives(defending.live(world, weather, promises, one, size.danger, size.habits), one.name)
    await world.sleep_until(world.end)
    changing.cancel()
    weather.clear_up()
    await asyncio.sleep(EPILOGUE)
    await auditing.look()
    await world.close()


async def _collect(every: float) -> None:
    """Let go of what nobody holds, at the same moments in every run."""
    while True:
        await asyncio.sleep(every)
        gc.collect()


def _day(chance: Random) -> datetime:
    if chance.random() < 0.4:
        return chance.choice(DAYS) + timedelta(hours=chance.uniform(0, 6))
    return datetime(2026, 1, 5, tzinfo=UTC) + timedelta(hours=chance.uniform(0, 24 * 350))


def _tempo(chance: Random, size: Size) -> tuple[Tempo, float]:
    drawn, hours = chance.random(), chance.uniform(*size.hours)
    if hours > LONG_LIFE:
        return DREAMING, hours
    if drawn < 0.1:
        return IN_EARNEST, min(hours, chance.uniform(0.2, 0.4))
    return (AT_EASE, min(hours, 1.5)) if drawn < 0.3 else (ASLEEP, hours)


def _fresh_files() -> Path:
    let_go_of_files()
    for old in _place().iterdir():
        old.unlink()
    for file in _blank().iterdir():
        shutil.copyfile(file, _place() / file.name)
        (_place() / file.name).chmod(0o600)
    return _place()
