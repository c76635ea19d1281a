"""People who press one button, or follow one invitation, all at once: in this process, and in another one as well.

Run as a program it opens the same database and does what each line asks for; it answers how many of its tries won."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from store import invitations, presses
from store.database import Store, Tx
from store.keyring import Keyring
from tests.databases import Hands

ROOT = Path(__file__).resolve().parents[2]


async def wins(store: Store, what: str, name: str, tries: int) -> int:
    """How many of so many tries at once are told that theirs was the one."""

    def once(tx: Tx) -> bool:
        return presses.use(tx, name) if what == "button" else invitations.redeem(tx, "responder", name) is not None

    return sum(await asyncio.gather(*(store.run(once) for _ in range(tries))))


@asynccontextmanager
async def elsewhere(url: str, keys: Path) -> AsyncIterator[Process]:
    """The same in another process."""
    words = (sys.executable, "-m", "tests.bars.redeemers", url, str(keys))
    process = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdin=PIPE, stdout=PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def wins_elsewhere(process: Process, what: str, name: str, tries: int) -> int:
    """As `wins`, asked of the other process."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps([what, name, tries]).encode() + b"\n")
    await process.stdin.drain()
    return int(await process.stdout.readline())


async def _serve(url: str, keys: Path) -> None:
    store = await Store.open(url, Hands(), Keyring.load(keys))
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(await wins(store, *json.loads(line)), flush=True)
    await store.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], Path(sys.argv[2])))
