"""What the cases share: a run with its messenger, and a service between its start and its end."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from .floors import Floors, floors
from .instance import Instance, chat_of, contact_of, environ_of
from .messenger import Heard, Messenger
from .processes import Process, free_port
from .under_test import UNPACED

LOOK_EVERY = 0.01  # seconds
HOUSE = Path(__file__).resolve().parent.parent
RUN = (sys.executable, "-m", "tocsin", "run")
UNDER_TEST = (sys.executable, "-m", "bench.under_test")
NAIVE_MODULE = "bench.naive"
NAIVE_DATABASE = "NAIVE_DATABASE"  # the environment's name for where the plain design keeps everything
NAIVE = (sys.executable, "-c", "from bench.naive import main; main()")


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    name: str
    panics: int
    panics_in_storm: int
    deadlines: int
    storms: tuple[int, ...]
    paced_storm: int
    rush: int  # check-ins at full speed
    steady: float  # seconds of check-ins at half that rate
    coded: int
    enrolled: tuple[int, ...]
    resident: int
    ticks: int
    floor: int  # tries for a floor
    several: int  # missed check-ins on several processes
    strangers: int = 200  # messages a second


TINY = Size("tiny", 3, 2, 3, (6,), 6, 12, 0.5, 1, (20, 60), 60, 5, 20, 12, strangers=20)
SMALL = Size("small", 20, 10, 30, (200,), 100, 400, 2, 5, (1000, 20_000), 20_000, 50, 200, 400)
FULL = Size(
    "full", 100, 40, 200, (1000, 10_000), 1000, 5000, 10, 40, (1000, 100_000, 1_000_000), 100_000, 300, 1000, 3000
)
SIZES = {size.name: size for size in (TINY, SMALL, FULL)}


@dataclass(frozen=True, slots=True)
class Run:
    """One case's run: its size, its scratch folder on a real disk, and where its profile goes, if anywhere."""

    size: Size
    folder: Path
    profile: Path | None = None
    forked: bool = False  # services are forked from a process that has imported everything: quick, and no measure

    async def floors(self, messenger: Messenger) -> Floors:
        """The floors, now."""
        return await floors(messenger.url, self.folder, self.size.floor, apart=not self.forked)

    @asynccontextmanager
    async def tocsin(self, messenger: Messenger, instance: Instance, *, paced: bool = True) -> AsyncIterator[Process]:
        """Tocsin on this instance, ready; ended afterwards."""
        more = {} if paced else {UNPACED: "yes"}
        command = UNDER_TEST if more else RUN
        if instance.url is not None:
            more["TOCSIN_DATABASE"] = instance.url
        async with self._process(command, "bench.under_test", messenger, instance.folder, more) as process:
            yield process

    @asynccontextmanager
    async def naive(self, messenger: Messenger, name: str, url: str | None = None) -> AsyncIterator[Process]:
        """The plain design, in a folder of its own or on the database of `url`, ready; ended afterwards."""
        folder = self.folder / f"naive-{name}"
        folder.mkdir(exist_ok=True)
        more = {} if url is None else {NAIVE_DATABASE: url}
        async with self._process(NAIVE, NAIVE_MODULE, messenger, folder, more) as process:
            yield process

    @asynccontextmanager
    async def _process(
        self, command: tuple[str, ...], module: str, messenger: Messenger, folder: Path, more: dict[str, str]
    ) -> AsyncIterator[Process]:
        port = free_port()
        environ = {**environ_of(folder, messenger.url, port), "PYTHONPATH": str(HOUSE), **more}
        page, forked = f"http://127.0.0.1:{port}/health", module if self.forked else None
        process = Process.start(command, environ, folder, page, forked=forked)
        try:
            await process.ready()
            if self.profile is not None and module != NAIVE_MODULE:
                process.profile(self.profile)
            yield process
        finally:
            await process.end()


async def enrol_naively(process: Process, numbers: Sequence[int], missed_in: Iterable[float]) -> None:
    """Tell the plain service of these people, and in how many seconds each of them is missed."""
    people = [
        [chat_of(number), contact_of(number), seconds] for number, seconds in zip(numbers, missed_in, strict=True)
    ]
    timeout = aiohttp.ClientTimeout(total=300)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(process.page.replace("/health", "/enrol"), json=people) as answer,
    ):
        assert answer.status == 200, await answer.text()  # noqa: S101 - a benchmark of nothing would please


async def until(true: Callable[[], bool], within: float, every: float = LOOK_EVERY) -> bool:
    """Wait until something is so, `within` seconds at most; gives whether it is."""
    give_up_at = time.monotonic() + within
    while not true():
        if time.monotonic() > give_up_at:
            return False
        await asyncio.sleep(every)
    return True


def first_in(messenger: Messenger, chat: int) -> Heard | None:
    """The first message of a chat that is no change of another."""
    return next((heard for heard in messenger.heard.get(chat, ()) if not heard.edit), None)


def how_many_in(messenger: Messenger, chat: int) -> int:
    """How many messages a chat was sent, changes of them not counted."""
    return sum(not heard.edit for heard in messenger.heard.get(chat, ()))


def lost_and_doubled(messenger: Messenger, chats: Iterable[int]) -> tuple[int, int]:
    """How many of these chats heard nothing, and how many messages were more than the one for each."""
    counts = [how_many_in(messenger, chat) for chat in chats]
    return counts.count(0), sum(max(0, count - 1) for count in counts)
