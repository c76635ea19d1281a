"""One, two and four processes on one PostgreSQL, no pace limits: how much more of a storm they send together.

All of them run on one machine with the messenger and the server, and these take a part of its cores as well. So what
each took is measured and said beside the rate, and so is how many cores were busy. Where all were, `by CPU` tells how
many times as much the same processes would send that had a core each.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from engine.clock import SystemClock

from .bare import bare
from .deadline import miss, monotonic_to_wall
from .driving import Run, enrol_naively, first_in, lost_and_doubled, until
from .figures import Figures, Row, a_second, rate, span
from .instance import Instance, contact_of, make_on_server, soon
from .messenger import Messenger
from .postgres import Server, server
from .processes import Process

PROCESSES = (1, 2, 4)
QUIET_FOR = 30.0  # seconds without anything new: nothing more will come
A_WHILE = 1.0  # seconds after the last alarm, in which one that is sent twice comes again
WRITTEN_IN = timedelta(milliseconds=6)  # more than into a file, for each watch
BEGINS_IN = 4.0  # seconds, for the plain design


@dataclass(frozen=True, slots=True)
class Took:
    """What one storm took; `sent` are alarms a second, CPU is in seconds for each alarm."""

    first: float
    last: float
    sent: float
    ours: float
    database: float
    messenger: float
    lost: int
    doubled: int
    memory: int

    @property
    def all(self) -> float:
        """Seconds of CPU of everything that runs, for each alarm."""
        return self.ours + self.database + self.messenger

    def shown(self, processes: int, alone: "Took") -> str:
        """As the table has it, beside one process `alone`."""
        said = f"{a_second(self.sent)}; first {span(self.first)}, last {span(self.last)}"
        cores = os.cpu_count() or 1
        if processes > 1:
            by_cpu = processes * alone.ours / self.ours if self.ours else 0.0
            at_most = cores / (alone.sent * alone.all)
            said += f"; **{self.sent / alone.sent:.2f}x of one**, by CPU {by_cpu:.2f}x"
            said += f", where {cores} cores can do {at_most:.2f}x" if at_most < processes else ""
        busy = self.sent * self.all
        said += f"; {busy:.1f} of {cores} cores busy, with PostgreSQL ({span(self.database)} CPU each)"
        return f"{said} and messenger ({span(self.messenger)})"


async def several(run: Run) -> list[Row]:
    """One row for each number of processes."""
    count, rows = run.size.several, []
    found: list[Took] = []
    with tempfile.TemporaryDirectory(prefix="pg") as scratch, server(Path(scratch), hasty=run.forked) as postgres:
        template = await asyncio.to_thread(postgres.new_database)
        (folder := run.folder / "several").mkdir()
        instance = await make_on_server(folder, postgres.url(template), count)
        for processes in PROCESSES:
            async with Messenger() as messenger:
                floor = await _floor(run, messenger, postgres, processes)
                messenger.forget()
                name = await asyncio.to_thread(postgres.new_database, template)
                found.append(
                    await _ours(run, messenger, postgres, replace(instance, url=postgres.url(name)), processes)
                )
                messenger.forget()
                naive = await _naive(run, messenger, postgres, processes)
            took = found[-1]
            said = Figures(took.shown(processes, found[0]), took.lost, took.doubled, took.ours, took.memory)
            what = f"storm of {count:,} on PostgreSQL, no pace limits, processes: {processes}"
            rows.append(Row("several", what, said, floor, naive))
    return rows


async def _floor(run: Run, messenger: Messenger, postgres: Server, processes: int) -> Figures:
    url = postgres.url(await asyncio.to_thread(postgres.new_database))
    found = await bare(messenger.url, url, processes, 2 * run.size.floor, apart=not run.forked)
    return Figures(f"{a_second(found.a_second)} commits and posts", cpu=found.cpu)


async def _ours(run: Run, messenger: Messenger, postgres: Server, instance: Instance, processes: int) -> Took:
    count = len(instance.ids)
    async with AsyncExitStack() as stack:
        team: list[Process] = []
        for number in range(processes):
            profile = run.profile and run.profile.with_stem(f"{run.profile.stem}-{processes}-{number}")
            running = replace(run, profile=profile).tocsin(messenger, instance, paced=False)
            team.append(await stack.enter_async_context(running))
        at = soon(count) + timedelta(seconds=2) + count * WRITTEN_IN
        await miss(messenger, instance, [at] * count)

        def cpu() -> tuple[float, ...]:
            return sum(one.cpu for one in team), postgres.cpu, time.process_time()

        heard, costs, lost, doubled = await _storm(messenger, at, count, cpu)
        memory = max(one.peak_memory for one in team)
    ours, database, own = (cost / count for cost in costs)
    return Took(min(heard), max(heard), rate(heard), ours, database, own, lost, doubled, memory)


async def _naive(run: Run, messenger: Messenger, postgres: Server, processes: int) -> Figures:
    """The plain design on the same server: each process has a scheduler of its own on the one job store."""
    name = await asyncio.to_thread(postgres.new_database)
    url, count = postgres.url(name).replace("postgresql:", "postgresql+psycopg:"), run.size.several
    async with AsyncExitStack() as stack:
        team = [
            await stack.enter_async_context(run.naive(messenger, f"several-{processes}-{number}", url))
            for number in range(processes)
        ]
        at = SystemClock().now() + timedelta(seconds=BEGINS_IN + count / 500)
        for number, process in enumerate(team):
            share = range(number, count, processes)
            left = (at - SystemClock().now()).total_seconds()
            await enrol_naively(process, share, [left] * len(share))
        heard, costs, lost, doubled = await _storm(messenger, at, count, lambda: (sum(one.cpu for one in team),))
    return Figures(f"{a_second(rate(heard))}; last {span(max(heard))}", lost, doubled, costs[0] / count)


async def _storm(
    messenger: Messenger, at: datetime, count: int, cpu: Callable[[], Sequence[float]]
) -> tuple[list[float], list[float], int, int]:
    """Wait until the storm that begins `at` is over. Gives after how many seconds each was heard, what `cpu` rose by,
    and how many were lost and came twice."""
    chats = [contact_of(number) for number in range(count)]
    await until(lambda: SystemClock().now() >= at, 600.0)
    before, arrived = cpu(), -1
    while (now := sum(chat in messenger.heard for chat in chats)) < count and now != arrived:
        arrived = now
        await until(lambda: sum(chat in messenger.heard for chat in chats) >= count, QUIET_FOR, every=0.2)
    used = [after - one for after, one in zip(cpu(), before, strict=True)]
    await asyncio.sleep(A_WHILE)
    offset = monotonic_to_wall()
    heard = [first.at + offset - at.timestamp() for chat in chats if (first := first_in(messenger, chat))]
    return heard, used, *lost_and_doubled(messenger, chats)
