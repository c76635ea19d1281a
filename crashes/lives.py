"""One storm, from its beginning until everybody knows, over as many lives of the service as that takes.

A life ends as it was told to, and the next one begins as a supervisor begins it. What counts is what the messenger has
taken; the database is asked one question only, whether any alarm is still on its way.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path

from aiohttp import web

from bench.instance import environ_of
from bench.messenger import Messenger
from bench.processes import Process, free_port

from .counting import Count, count, first_after, lost
from .deaths import CLOCK, DEATH, PICTURES, TALLY, Death, Moment, Tally
from .places import Place
from .storms import Storm

HOUSE = Path(__file__).resolve().parent.parent
SERVED = "crashes.served"
POLL, SEND = "getUpdates", "sendMessage"
LOOK_EVERY = 0.01  # seconds
ASK_EVERY = 0.1  # seconds between two questions to the database
PATIENCE = 60.0  # seconds without anything new; then nothing more will come
BEGUN_AGAIN_AFTER = 0.2  # seconds after a life that ended by itself


@dataclass(frozen=True, slots=True)
class After:
    """The life ends by a signal, `seconds` after it began, or after it first called `since` at the messenger:
    on a busy machine nobody knows how long that takes."""

    seconds: float
    since: str | None = None
    by: signal.Signals = signal.SIGKILL


Blow = Death | After | None


class Taker(Messenger):
    """A messenger that may end whoever speaks to it: its message was taken, and nobody is told."""

    def __init__(self) -> None:
        """Harmless."""
        super().__init__()
        self._taken = 0
        self._ends: tuple[Process, int] | None = None

    def end(self, process: Process, at: int) -> None:
        """Let `process` speak until its message number `at` is taken."""
        self._taken, self._ends = 0, (process, at)

    def spare(self) -> None:
        """Harm nobody."""
        self._ends = None

    def _written(self, token: str, body: bytes, now: float, *, edit: bool) -> web.Response:
        answer = super()._written(token, body, now, edit=edit)
        self._taken += 1
        if self._ends is not None and self._taken == self._ends[1]:
            self._ends[0].child.kill()
        return answer


@dataclass(slots=True)
class Outcome:
    """What one or more storms came to. `deaths` are by force; `codes` the exit codes of lives that ended otherwise
    before their storm was over. `recoveries` are seconds from a start, after an end, to the first alarm that was taken;
    `commits` and `sends` those of the last life."""

    count: Count = field(default_factory=Count)
    lives: int = 0
    deaths: int = 0
    recoveries: list[float] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    commits: int = 0
    sends: int = 0

    def add(self, other: "Outcome") -> None:
        """Count another storm as well."""
        self.count += other.count
        self.lives += other.lives
        self.deaths += other.deaths
        self.recoveries += other.recoveries
        self.codes += other.codes


@dataclass(slots=True)
class Run:
    """A storm over `place`. `module` is what is served; unless `cold` it is forked from a process that is warm."""

    place: Place
    storm: Storm
    messenger: Taker
    module: str = SERVED
    cold: bool = False
    pictures: Path | None = None
    clock: Path | None = None
    patience: float = PATIENCE
    outcome: Outcome = field(default_factory=Outcome)
    _missing: list[tuple[int, int]] = field(default_factory=list)
    _new_at: float = 0.0
    _heard: int = -1

    async def through(self, blows: Iterable[Blow]) -> Outcome:
        """Live through the storm; the lives end by these blows, and the last one when everything has come."""
        await self.begin()
        for blow in chain(blows, repeat(None)):
            if await self.live(blow):
                break
        return self.counted()

    async def begin(self) -> None:
        """Let the storm begin."""
        await self.storm.begin(self.place.url, self.place.keyring, self.place.ids)
        self.storm.call(self.messenger)
        self._missing, self._new_at = self.storm.calls, time.monotonic()

    async def live(self, blow: Blow) -> bool:
        """One life; True when everything has come in it, or nothing more will."""
        process = self.start(blow)
        try:
            over = await self.watch(process, blow)
        finally:
            self.messenger.spare()
            await self.end(process)
        self.note(process)
        return over

    def note(self, process: Process) -> None:
        """One more life is over; if another went before it, how soon its first alarm was taken is a recovery."""
        self.outcome.lives += 1
        if self.outcome.lives > 1 and (taken_at := first_after(self.messenger, process.began)) is not None:
            self.outcome.recoveries.append(taken_at - process.began)

    def start(self, blow: Blow = None) -> Process:
        """The service, in a new process."""
        port = free_port()
        environ = {
            **environ_of(self.place.folder, self.messenger.url, port),
            "TOCSIN_DATABASE": self.place.url,
            "PYTHONPATH": str(HOUSE),
            TALLY: str(self.place.folder / "tally"),
            PICTURES: str(self.pictures or ""),
            CLOCK: str(self.clock or ""),
        }
        (self.place.folder / "tally").unlink(missing_ok=True)
        if isinstance(blow, Death):
            environ[DEATH] = f"{blow.moment}/{blow.number}"
        page, command = f"http://127.0.0.1:{port}/health", (sys.executable, "-m", self.module)
        forked = None if self.cold else self.module
        process = Process.start(command, environ, self.place.folder, page, forked=forked)
        if isinstance(blow, Death) and blow.moment is Moment.AT_THE_MESSENGER:
            self.messenger.end(process, blow.number)
        return process

    async def watch(self, process: Process, blow: Blow) -> bool:
        """Wait until it is dead, or everything has come, or nothing more will; True but for the first."""
        asked_at, began, calls = 0.0, process.began, dict(self.messenger.calls)
        while process.child.poll() is None:
            now = time.monotonic()
            if isinstance(blow, After) and blow.since and self.messenger.calls[blow.since] == calls.get(blow.since, 0):
                began = now
            elif isinstance(blow, After) and now - began >= blow.seconds:
                process.child.send_signal(blow.by)
                await asyncio.to_thread(process.child.wait)
                break
            if self.is_quiet(now):
                return True
            if not self._missing and now - asked_at > ASK_EVERY:
                if not await asyncio.to_thread(self.place.unsettled):
                    return True
                asked_at = time.monotonic()
            await asyncio.sleep(LOOK_EVERY)
        code = await asyncio.to_thread(process.child.wait)
        if code == -signal.SIGKILL:
            self.outcome.deaths += 1
        else:
            self.outcome.codes.append(code)
            await asyncio.sleep(BEGUN_AGAIN_AFTER if code else 0)
        return False

    def is_quiet(self, now: float) -> bool:
        """Whether nothing has come for so long that nothing will. Takes note of what has."""
        heard = self.messenger.calls[SEND]
        if heard != self._heard:
            self._heard, self._new_at = heard, now
            self._missing = lost(self.messenger, self._missing)
        return now - self._new_at > self.patience

    @property
    def missing(self) -> int:
        """How many alarms have not come yet."""
        return len(self._missing)

    async def end(self, process: Process) -> None:
        """See that it is gone; what it has counted is kept."""
        if process.child.poll() is None:
            process.child.kill()
            await asyncio.to_thread(process.child.wait)
        if (file := self.place.folder / "tally").exists():
            tally = Tally(file)
            self.outcome.commits, self.outcome.sends = tally.commits, tally.sends
            tally.close()

    def counted(self) -> Outcome:
        """What it came to."""
        self.outcome.count = count(self.messenger, self.storm.calls)
        return self.outcome
