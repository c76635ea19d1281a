"""The floor of several processes: bare ones on the same PostgreSQL. Each commits the bytes that a check-in leaves, and
posts to the messenger, a few at once; nothing is decided, sealed or looked for.

`python -m bench.bare API DATABASE COUNT` says that it is ready, waits for a line, and prints as JSON when it began,
when it ended and what it cost.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
import psycopg

from .floors import AT_ONCE, NOBODY, TEXT, WRITES
from .messenger import UNLIMITED

SESSIONS = 8  # of each process with the database; as many commits are under way
TABLES = (
    "CREATE TABLE kept(id bigserial PRIMARY KEY, body bytea)",
    "CREATE TABLE state(id bigserial PRIMARY KEY, body bytea)",
)


INSERT, UPDATE = b"INSERT INTO kept(body) VALUES (%s)", b"UPDATE state SET body = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Bare:
    """What bare processes did, all together: how many a second, and seconds of CPU of theirs for each."""

    a_second: float
    cpu: float


async def bare(api: str, url: str, processes: int, count: int, *, apart: bool = True) -> Bare:
    """So many processes share `count` commits and posts, in an empty database; in processes apart, or here."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for words in TABLES:
            await connection.execute(words.encode())
    share = -(-count // processes)
    found = await (_apart(api, url, processes, share) if apart else _here(api, url, processes, share))
    took = max(ended for _, ended, _ in found) - min(began for began, _, _ in found)
    return Bare(processes * share / took, sum(cpu for *_, cpu in found) / (processes * share))


async def _here(api: str, url: str, processes: int, share: int) -> "Sequence[Sequence[float]]":
    return await asyncio.gather(*(_work(api, url, share) for _ in range(processes)))


async def _apart(api: str, url: str, processes: int, share: int) -> "Sequence[Sequence[float]]":
    command = (sys.executable, "-m", "bench.bare", api, url, str(share))
    pipe = asyncio.subprocess.PIPE
    children = [await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe) for _ in range(processes)]
    for child in children:
        assert child.stdout is not None  # noqa: S101 - it was given a pipe
        await child.stdout.readline()
    return [json.loads(out) for out, _ in await asyncio.gather(*(child.communicate(b"\n") for child in children))]


async def _work(api: str, url: str, count: int) -> tuple[float, float, float]:
    left = count

    async def some(connection: "psycopg.AsyncConnection[tuple[object, ...]]", session: aiohttp.ClientSession) -> None:
        nonlocal left
        found = await (await connection.execute(b"INSERT INTO state(body) VALUES ('') RETURNING id")).fetchone()
        own = found[0] if found else None
        form = {"chat_id": str(NOBODY), "text": TEXT}
        while left > 0:
            left -= 1
            async with connection.transaction():
                for statement, size, times in WRITES:
                    for _ in range(times):
                        if statement.startswith("INSERT"):
                            await connection.execute(INSERT, (os.urandom(size),))
                        else:
                            await connection.execute(UPDATE, (os.urandom(size), own))
            async with session.post(f"{api}/bot{UNLIMITED}:floor/sendMessage", data=form) as answer:
                await answer.read()

    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(limit=AT_ONCE)
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        several = [
            await stack.enter_async_context(await psycopg.AsyncConnection.connect(url, autocommit=True))
            for _ in range(min(SESSIONS, count))
        ]
        cpu, began = time.process_time(), time.monotonic()
        await asyncio.gather(*(some(connection, session) for connection in several))
        return began, time.monotonic(), time.process_time() - cpu


if __name__ == "__main__":
    print(flush=True)
    sys.stdin.readline()
    print(json.dumps(asyncio.run(_work(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
