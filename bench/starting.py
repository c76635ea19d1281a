"""From the start of the process until it is ready, and how much memory it takes with many people enrolled."""

import asyncio
import sys
import time
from pathlib import Path

from .driving import HOUSE, Run, enrol_naively, lost_and_doubled, until
from .figures import Figures, Row, span
from .instance import DEFENDERS, chat_of, fill_up, make
from .messenger import Messenger

A_FEW = 20  # people who are real, and check in before the memory is looked at
WITHIN = 30.0  # seconds for their check-ins
LIBRARIES = (
    "import aiogram, telegram.ext, aiohttp.web, sqlmodel, apscheduler, cryptography, prometheus_client, pydantic"
)
PEAK = "print(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"


async def starting(run: Run) -> list[Row]:
    """Starts on an instance with nobody else, and on one with many."""
    floor = await _floor("import asyncio" if run.forked else LIBRARIES)
    return [await _start(run, count, floor) for count in (A_FEW, run.size.resident)]


async def _start(run: Run, count: int, floor: Figures) -> Row:
    few = range(min(A_FEW, count))
    instance = await make(run.folder / f"start-{count}", len(few), watched=True, profile="low")
    await asyncio.to_thread(fill_up, instance, count)
    async with Messenger() as messenger:
        async with run.tocsin(messenger, instance) as process:
            for number in few:
                messenger.types(DEFENDERS, chat_of(number), "/ok")
            chats = [chat_of(number) for number in few]
            await until(lambda: all(messenger.heard.get(chat) for chat in chats), WITHIN)
            lost, doubled = lost_and_doubled(messenger, chats)
            said = f"ready after {span(process.ready_after)}"
            ours = Figures(said, lost, doubled, process.cpu, process.peak_memory)
        async with run.naive(messenger, f"start-{count}") as process:
            await enrol_naively(process, range(count), [86_400.0] * count)
        async with run.naive(messenger, f"start-{count}") as process:
            naive = Figures(f"ready after {span(process.ready_after)}", cpu=process.cpu, memory=process.peak_memory)
    return Row("starting", f"start-up to ready, and peak memory, {count:,} enrolled", ours, floor, naive)


async def _floor(imports: str) -> Figures:
    """The libraries alone, imported."""
    began = time.perf_counter()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"{imports}\n{PEAK}", stdout=asyncio.subprocess.PIPE, cwd=Path(HOUSE)
    )
    out, _ = await child.communicate()
    return Figures(f"importing the libraries {span(time.perf_counter() - began)}", memory=int(out) * 1024)
