"""Floors: the least that this machine can do it in, measured in the same run by a process of its own.

A commit: one transaction of the bytes that a check-in leaves, in plain sqlite3 with our own settings. A post: one call
of bare aiohttp to the same messenger. A timer: the event loop's own. `python -m bench.floors API FOLDER COUNT` prints
them as JSON.
"""

import asyncio
import json
import os
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from .figures import Spread
from .messenger import UNLIMITED

AT_ONCE = 64  # posts under way; as many as a lane has
TIMER_EVERY = 0.01  # seconds
TEXT = "Ana did not check in. " * 12  # about what an alarm says
NOBODY = 1  # the chat that floors write to

WRITES = (  # what one check-in leaves: (bytes, how often)
    ("INSERT INTO kept(body) VALUES (?)", 2200, 1),  # the update in the inbox
    ("UPDATE state SET body = ? WHERE id = 1", 1100, 1),  # the watch
    ("INSERT INTO kept(body) VALUES (?)", 400, 3),  # the journal's entry and two deliveries
)


@dataclass(frozen=True, slots=True)
class Floors:
    """Seconds; `_cpu` are seconds of CPU for each."""

    commit: Spread
    commit_cpu: float
    post: Spread
    post_cpu: float
    posts_a_second: float
    timer: Spread


async def floors(api: str, folder: Path, count: int, *, apart: bool = True) -> Floors:
    """Measure them against the messenger at `api`, with a database in `folder`; in a process apart, or here."""
    if not apart:
        return _read(await _measure(api, folder, count))
    command = (sys.executable, "-m", "bench.floors", api, str(folder), str(count))
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate()
    return _read(json.loads(out))


def _read(found: dict[str, Any]) -> Floors:
    commit, post, timer = (Spread(tuple(found[name])) for name in ("commit", "post", "timer"))
    return Floors(commit, found["commit_cpu"], post, found["post_cpu"], found["posts_a_second"], timer)


async def _measure(api: str, folder: Path, count: int) -> dict[str, Any]:
    commit, commit_cpu = _commits(folder / f"floor-{os.getpid()}.sqlite", count)
    post, post_cpu, posts = await _posts(api, count)
    return {
        "commit": Spread.of(commit).seconds,
        "commit_cpu": commit_cpu,
        "post": Spread.of(post).seconds,
        "post_cpu": post_cpu,
        "posts_a_second": posts,
        "timer": Spread.of(await _timers(max(5, count // 10))).seconds,
    }


def _commits(path: Path, count: int) -> tuple[list[float], float]:
    took = []
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE kept(id INTEGER PRIMARY KEY, body BLOB)")
        db.execute("CREATE TABLE state(id INTEGER PRIMARY KEY, body BLOB)")
        db.execute("INSERT INTO state VALUES (1, x'')")
        cpu = time.process_time()
        for _ in range(count):
            began = time.perf_counter()
            db.execute("BEGIN IMMEDIATE")
            for statement, size, times in WRITES:
                for _ in range(times):
                    db.execute(statement, (os.urandom(size),))
            db.execute("COMMIT")
            took.append(time.perf_counter() - began)
        cpu = time.process_time() - cpu
    path.unlink()
    return took, cpu / count


async def _posts(api: str, count: int) -> tuple[list[float], float, float]:
    form = {"chat_id": str(NOBODY), "text": TEXT}
    took = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:

        async def post() -> None:
            async with session.post(f"{api}/bot{UNLIMITED}:floor/sendMessage", data=form) as answer:
                await answer.read()

        await post()
        for _ in range(count):
            began = time.perf_counter()
            await post()
            took.append(time.perf_counter() - began)
        cpu, began, left = time.process_time(), time.perf_counter(), count * 4

        async def some() -> None:
            nonlocal left
            while left > 0:
                left -= 1
                await post()

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
        many = count * 4
        return took, (time.process_time() - cpu) / many, many / (time.perf_counter() - began)


async def _timers(count: int) -> list[float]:
    late: list[float] = []
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def rang(due: float) -> None:
        late.append(loop.time() - due)
        if len(late) == count:
            done.set()

    for number in range(1, count + 1):
        due = loop.time() + number * TIMER_EVERY
        loop.call_at(due, rang, due)
    await done.wait()
    return late


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))))
