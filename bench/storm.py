"""A storm: thousands of check-ins are missed at one instant. With the pace limits off it is seen what the service can
do; with them on, and a messenger that refuses what is too fast, how much of what is permitted it uses."""

import math
from datetime import datetime, timedelta

from engine.clock import SystemClock
from rehearsal.limits import PER_BOT

from .deadline import miss, monotonic_to_wall
from .driving import Run, enrol_naively, first_in, lost_and_doubled, until
from .figures import Figures, Row, Spread, a_second, rate, span
from .floors import Floors
from .instance import Instance, contact_of, make, soon
from .messenger import Messenger
from .processes import Process

QUIET_FOR = 90.0  # seconds without anything new: nothing more will come
BEGINS_IN = 3.0  # seconds, for the plain design


async def storm(run: Run) -> list[Row]:
    """One storm for each number of people, as fast as it goes."""
    rows = []
    for count in run.size.storms:
        async with Messenger() as messenger:
            floors = await run.floors(messenger)
            instance = await make(run.folder / f"storm-{count}", count)
            async with run.tocsin(messenger, instance, paced=False) as process:
                ours = await _ours(messenger, process, instance, count)
            messenger.forget()
            async with run.naive(messenger, f"storm-{count}") as process:
                naive = await _naive(messenger, process, count)
        rows.append(Row("storm", f"storm of {count:,} missed check-ins, no pace limits", ours, _floor(floors), naive))
    return rows


async def storm_paced(run: Run) -> list[Row]:
    """One storm as the messenger lets it go: 30 messages a second, 429 beyond."""
    count = run.size.paced_storm
    async with Messenger(limits=True) as messenger:
        floors = await run.floors(messenger)
        instance = await make(run.folder / "paced", count)
        async with run.tocsin(messenger, instance) as process:
            ours = await _ours(messenger, process, instance, count, paced=True)
        messenger.forget()
        async with run.naive(messenger, "paced") as process:
            naive = await _naive(messenger, process, count, paced=True)
    what = f"storm of {count:,}, {PER_BOT:.0f} messages a second and 429 beyond"
    floor = Figures(f"{PER_BOT:.0f} a second are permitted: last after {span((count - 1) / PER_BOT)}",
                    cpu=floors.commit_cpu + floors.post_cpu)  # fmt: skip
    return [Row("storm", what, ours, floor, naive)]


async def _ours(
    messenger: Messenger, process: Process, instance: Instance, count: int, *, paced: bool = False
) -> Figures:
    at = soon(count)
    await miss(messenger, instance, [at] * count)
    return await _measured(messenger, process, at, count, paced=paced)


async def _naive(messenger: Messenger, process: Process, count: int, *, paced: bool = False) -> Figures:
    at = SystemClock().now() + timedelta(seconds=BEGINS_IN + count / 2000)
    left = (at - SystemClock().now()).total_seconds()
    await enrol_naively(process, range(count), [left] * count)
    return await _measured(messenger, process, at, count, paced=paced)


async def _measured(messenger: Messenger, process: Process, at: datetime, count: int, *, paced: bool) -> Figures:
    chats = [contact_of(number) for number in range(count)]
    await until(lambda: SystemClock().now() >= at, 600.0)
    before, arrived = process.cpu, -1
    while (now := sum(bool(messenger.heard.get(chat)) for chat in chats)) < count and now != arrived:
        arrived = now
        await until(lambda: sum(bool(messenger.heard.get(chat)) for chat in chats) >= count, QUIET_FOR, every=0.2)
    used = (process.cpu - before) / count
    offset = monotonic_to_wall()
    moments = [first.at + offset - at.timestamp() for chat in chats if (first := first_in(messenger, chat))]
    took = Spread.of(moments)
    lost, doubled = lost_and_doubled(messenger, chats)
    said = (
        f"first {span(took.at(1e-9))}, median {span(took.median)}, 99th {span(took.at(0.99))}, last {span(took.at(1))}"
    )
    reached = rate(moments)
    said += f"; {a_second(reached)}"
    if paced and not math.isnan(reached):
        said += f", {reached / PER_BOT:.1%} of what is permitted; {messenger.refused} refused"
    return Figures(said, lost, doubled, used, process.peak_memory)


def _floor(floors: Floors) -> Figures:
    said = f"{a_second(floors.posts_a_second)} posts; first after {span(floors.timer.median + floors.post.median)}"
    return Figures(said, cpu=floors.commit_cpu + floors.post_cpu)
