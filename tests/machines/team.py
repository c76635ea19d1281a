"""Several runs of the service on one PostgreSQL, each a process of its own, and a storm that goes over all of them.

What counts is what came to the messenger. They are killed, stopped and gone on with from outside.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from uuid import UUID

import psycopg

from bench.instance import environ_of
from bench.messenger import Messenger
from bench.processes import Process, free_port
from crashes.counting import Count, count, lost
from crashes.places import UNSETTLED
from crashes.storms import Storm
from engine.clock import SystemClock
from store.keyring import Keyring
from tests.postgres import server

RECOVERED_WITHIN = 15.0  # seconds from a blow until everybody knows whatever they must know
PATIENCE = 60.0  # seconds in which anything else happens on a busy machine
ENROLLED = 80  # people, once for all tests; a larger storm enrols its own
HOUSE = Path(__file__).parents[2]
UNDER_TEST = "bench.under_test"  # the service as `tocsin run` has it, with the messenger's own pace


@dataclass(slots=True)
class Team:
    """The processes on one database, in the order of their start. `calls` are the alarms that must be heard;
    `pages_at` is where whoever starts next has its pages."""

    folder: Path
    url: str
    messenger: Messenger
    keyring: Keyring
    storm: Storm
    ids: Sequence[UUID]
    forked: bool
    processes: list[Process] = field(default_factory=list)
    calls: list[tuple[int, int]] = field(default_factory=list)
    called_late: int = 0
    pages_at: str = "127.0.0.1"
    settings: Mapping[str, str] = field(default_factory=dict)

    async def start(self, *, wrapped: Sequence[str] = (), api: str | None = None, url: str | None = None) -> Process:
        """One more of them, once it is well; `wrapped` are words before the command."""
        process = await self.launch(wrapped=wrapped, api=api, url=url)
        await process.ready()
        return process

    async def launch(
        self,
        *,
        wrapped: Sequence[str] = (),
        api: str | None = None,
        url: str | None = None,
        program: Path = HOUSE,
        run: Sequence[str] = (),
    ) -> Process:
        """One more of them, which has just begun; of another `program`, `run` in another way than most, if said."""
        own, port = self.folder / f"process{len(self.processes)}", free_port()
        own.mkdir()
        environ = {
            **environ_of(self.folder, api or self.messenger.url, port),
            "TOCSIN_DATABASE": url or self.url,
            "TOCSIN_LISTEN": f"{self.pages_at}:{port}",
            "PYTHONPATH": str(program),
            **self.settings,
        }
        forked = UNDER_TEST if self.forked and not (wrapped or run) else None
        command = [*wrapped, sys.executable, *(run or ("-m", "tocsin", "run"))]
        page = f"http://{self.pages_at}:{port}/health"
        process = await asyncio.to_thread(Process.start, command, environ, own, page, forked=forked)
        self.processes.append(process)
        return process

    async def begin_storm(self) -> None:
        """Check-ins are missed and calls for help come, now."""
        await self.storm.begin(self.url, self.keyring, self.ids)
        self.storm.call(self.messenger)
        late = self.storm.missed + self.storm.panics
        self.calls = [call for call in self.storm.calls if call[1] < late]

    def call(self) -> None:
        """One more defender calls for help."""
        self.storm.call_late(self.messenger, self.called_late)
        number = self.storm.missed + self.storm.panics + self.called_late
        self.calls += [call for call in self.storm.calls if call[1] == number]
        self.called_late += 1

    def came(self) -> int:
        """How many of the alarms have come."""
        return len(self.calls) - len(lost(self.messenger, self.calls))

    async def until_came(self, number: int | None = None, within: float = PATIENCE) -> float:
        """Wait until so many have come, all unless said; gives the seconds."""
        began = time.monotonic()
        await until(lambda: self.came() >= (len(self.calls) if number is None else number), within)
        return time.monotonic() - began

    async def until_last_came(self) -> float:
        """Wait until whoever called last is heard of; gives the seconds."""
        began = time.monotonic()
        number = self.storm.missed + self.storm.panics + self.called_late - 1
        last = [call for call in self.calls if call[1] == number]
        await until(lambda: not lost(self.messenger, last), PATIENCE)
        return time.monotonic() - began

    async def until_settled(self) -> None:
        """Wait until no alarm is on its way any more, nor to be sent again."""
        await until(lambda: self._unsettled() == 0)

    def _unsettled(self) -> int:
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(UNSETTLED).fetchone()
            return int(found[0]) if found else 0

    def counted(self) -> Count:
        """What became of the alarms."""
        return count(self.messenger, self.calls)

    def repeats(self) -> dict[int, int]:
        """In each chat, how many alarms came once more and said so, for each that had to come."""
        found = {}
        for chat in {chat for chat, _ in self.calls}:
            heard_there, due = Messenger(), [call for call in self.calls if call[0] == chat]
            heard_there.heard[chat] = self.messenger.heard[chat]
            found[chat] = -(-count(heard_there, due).marked // len(due))
        return found

    async def end(self) -> None:
        """End whoever runs."""
        for process in self.processes:
            if process.child.poll() is None:
                process.child.send_signal(signal.SIGCONT)
        await asyncio.gather(*(process.end() for process in self.processes))


@asynccontextmanager
async def team(folder: Path, storm: Storm, *, forked: bool = True) -> AsyncIterator[Team]:
    """A database with everybody of the storm in it, and a messenger; nobody runs yet."""
    template, keyring, ids = await asyncio.to_thread(_enrolled, max(storm.people, ENROLLED))
    (home := folder / "instance").mkdir()
    keyring.save(home / "keys")
    postgres = server()
    name = await asyncio.to_thread(postgres.new_database, template)
    url = postgres.url(name)
    try:
        async with Messenger() as messenger:
            made = Team(home, url, messenger, keyring, storm, ids, forked)
            try:
                yield made
            finally:
                await made.end()
    finally:
        await asyncio.to_thread(postgres.drop, name)


@cache
def _enrolled(people: int) -> tuple[str, Keyring, Sequence[UUID]]:
    """A database with so many people, as a template for others; its keys; and the defenders by number."""
    postgres, keyring = server(), Keyring.fresh(SystemClock().now())
    name = postgres.new_database()
    return name, keyring, asyncio.run(Storm(people, 0).enrol(postgres.url(name), keyring))


async def until(true: Callable[[], bool], within: float = PATIENCE) -> None:
    """Wait until something is so that nobody tells about. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def stand_still(process: Process) -> None:
    """The whole process stands still, as in a machine that is being moved."""
    os.kill(process.child.pid, signal.SIGSTOP)


def go_on(process: Process) -> None:
    """It goes on as if nothing had been."""
    os.kill(process.child.pid, signal.SIGCONT)
