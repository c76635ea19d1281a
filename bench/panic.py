"""From a panic to the first alarm that is handed to the messenger: on an idle system, and in the middle of a storm of
missed check-ins while strangers write all the time. The pace limits are on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from .deadline import miss
from .driving import Run, enrol_naively, first_in, lost_and_doubled, until
from .figures import Figures, Row, Spread, span
from .floors import Floors
from .instance import DEFENDERS, chat_of, contact_of, make, soon, stranger
from .messenger import Messenger
from .processes import Process

IDLE_EVERY = 0.3  # seconds between two panics; each is two alarms, and an answer
IN_STORM_EVERY = 1.0  # seconds; first alerts have three places a second beside the ordinary ones
INTO_THE_STORM = 2.0  # seconds after its begin
WITHIN = 30.0  # seconds for the last one
STRANGERS_EVERY = 0.05  # seconds between two handfuls


async def panic_idle(run: Run) -> list[Row]:
    """One panic after the other, nothing else going on."""
    numbers = range(run.size.panics)
    async with Messenger() as messenger:
        floor = _floor(await run.floors(messenger))
        instance = await make(run.folder / "idle", len(numbers))
        async with run.tocsin(messenger, instance) as process:
            ours = await _panics(messenger, process, numbers, IDLE_EVERY)
        messenger.forget()
        async with run.naive(messenger, "idle") as process:
            await enrol_naively(process, numbers, [86_400.0] * len(numbers))
            naive = await _panics(messenger, process, numbers, IDLE_EVERY)
    return [Row("panic", f"panic to first alarm, idle, {len(numbers)} times", ours, floor, naive)]


async def panic_in_storm(run: Run) -> list[Row]:
    """The same while thousands of check-ins are missed and hundreds of strangers' messages come each second."""
    storm, size = run.size.storms[-1], run.size
    numbers = range(storm, storm + size.panics_in_storm)
    async with Messenger() as messenger:
        floor = _floor(await run.floors(messenger))
        instance = await make(run.folder / "in-storm", storm + len(numbers))
        async with run.tocsin(messenger, instance) as process, _strangers(messenger, size.strangers):
            await miss(messenger, instance, [soon(storm)] * storm)
            ours = await _in_storm(messenger, process, range(storm), numbers)
        messenger.forget()
        async with run.naive(messenger, "in-storm") as process, _strangers(messenger, size.strangers):
            await enrol_naively(process, range(storm), [3.0] * storm)
            await enrol_naively(process, numbers, [86_400.0] * len(numbers))
            naive = await _in_storm(messenger, process, range(storm), numbers)
    what = f"panic to first alarm, in a storm of {storm:,}, {size.strangers} strangers' messages a second"
    return [Row("panic", what, ours, floor, naive)]


async def _in_storm(messenger: Messenger, process: Process, storm: range, numbers: range) -> Figures:
    begun = await until(lambda: any(first_in(messenger, contact_of(number)) for number in storm), 120.0)
    assert begun, "the storm did not begin"  # noqa: S101 - there would be nothing to measure
    await asyncio.sleep(min(INTO_THE_STORM, len(storm) / 100))
    return await _panics(messenger, process, numbers, IN_STORM_EVERY, cpu=False)


async def _panics(
    messenger: Messenger, process: Process, numbers: Iterable[int], every: float, *, cpu: bool = True
) -> Figures:
    put, before = {}, process.cpu
    for number in numbers:
        put[number] = messenger.puts[messenger.types(DEFENDERS, chat_of(number), "sos")]
        await asyncio.sleep(every)
    await until(lambda: all(first_in(messenger, contact_of(number)) for number in put), WITHIN)
    used = (process.cpu - before) / len(put) if cpu else None
    heard = {number: first for number in put if (first := first_in(messenger, contact_of(number))) is not None}
    took = Spread.of(heard[number].at - put[number] for number in heard)
    lost, doubled = lost_and_doubled(messenger, map(contact_of, put))
    return Figures(took.shown(), lost, doubled, used)


@asynccontextmanager
async def _strangers(messenger: Messenger, a_second: int) -> AsyncIterator[None]:
    """Strangers write all the while, everyone something else."""

    async def write() -> None:
        number = 0
        while True:
            for _ in range(max(1, round(a_second * STRANGERS_EVERY))):
                number += 1
                messenger.types(DEFENDERS, stranger(number), f"hello {number}")
            await asyncio.sleep(STRANGERS_EVERY)

    writing = asyncio.create_task(write(), name="strangers")
    try:
        yield
    finally:
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writing


def _floor(floors: Floors) -> Figures:
    """A panic is stored, decided and sent: two commits and a post."""
    least = 2 * floors.commit.median + floors.post.median
    return Figures(f"two commits and a post: {span(least)}", cpu=2 * floors.commit_cpu + floors.post_cpu)
