"""Holding: what only one worker may do at a time, and how it is known at once that a worker is gone.

Each is a lock of a session of its own on the server (PostgreSQL manual, "Advisory Locks"), which the server ends when
nothing was heard on it for eight seconds (`idle_session_timeout`): a process that was killed loses what it holds at
once, one that stands still or was cut off within those seconds, and whoever waits may take it. A worker believes that
it holds something for less time than the server does. On SQLite there is nobody else, and whoever asks holds it.
"""

import asyncio
import time
import zlib
from collections.abc import Callable
from secrets import randbits

import psycopg
from sqlalchemy import URL

from . import postgres

SILENT_AT_MOST = 8_000  # milliseconds without a word before the server takes back whatever the session holds
BELIEVED_FOR = 7.0  # seconds after the last word that was answered; less than that, so that two never believe it
ANSWERED_WITHIN = 2.0  # seconds; what takes longer has failed
SESSION = f"-c timezone=UTC -c idle_session_timeout={SILENT_AT_MOST} {postgres.UNHEARD}"
TAKE = "SELECT pg_try_advisory_lock(%s, %s)"
LET_GO = "SELECT pg_advisory_unlock(%s, %s)"


class Holding:
    """What a worker holds, by name. `guard` is the number of the lock that shows that its session lives, another one
    for each session; None while there is none."""

    def __init__(self, url: URL | None) -> None:
        """On the server of `url`; None where nobody else can be. Nothing is held yet."""
        self._url = url
        self._session: psycopg.AsyncConnection[tuple[object, ...]] | None = None
        self._held: set[str] = set()
        self._answered_at = 0.0
        self._one_at_a_time = asyncio.Lock()
        self.guard: int | None = None

    @property
    def is_alone(self) -> bool:
        """Whether nobody else can work on this database."""
        return self._url is None

    def holds(self, name: str) -> bool:
        """Whether nobody but this worker holds `name` at this moment."""
        return self._url is None or (name in self._held and _seconds() - self._answered_at < BELIEVED_FOR)

    def as_now(self) -> Callable[[], bool]:
        """A look that says whether this worker is sure, then, to have been alive to the others from now on."""
        guard = self.guard
        return lambda: guard is None or (guard == self.guard and _seconds() - self._answered_at < BELIEVED_FOR)

    async def take(self, name: str) -> bool:
        """Take `name` unless somebody else holds it; gives whether it is held now."""
        if self._url is None or self.holds(name):
            return True
        answer = await self._ask(TAKE, (postgres.TURNS, _number(name)))
        if answer is True:
            self._held.add(name)
        return answer is True

    async def let_go(self, name: str) -> None:
        """Hold `name` no longer."""
        if name in self._held:
            self._held.discard(name)
            await self._ask(LET_GO, (postgres.TURNS, _number(name)))

    async def keep(self) -> None:
        """Say that this worker is there, as has to be done every two seconds; with a new session where the old one has
        ended, on which nothing but the guard is held. It has the server end the transactions of whoever stands still:
        on a session of its own, since all others may be waiting for those."""
        if self._url is not None:
            await self._ask(postgres.END_THE_STILL, (postgres.NAME, postgres.STOOD_STILL_AFTER))

    async def close(self) -> None:
        """Hold nothing any more."""
        async with self._one_at_a_time:
            await self._end()

    async def _ask(self, words: str, about: tuple[int | str, ...]) -> object:
        """The first value of the answer; None when there was none in time, and then nothing is held any more."""
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(ANSWERED_WITHIN):
                    session = await self._open_session()
                    said_at = _seconds()
                    row = await (await session.execute(words.encode(), about)).fetchone()
            except (psycopg.Error, TimeoutError, OSError):
                await self._end()
                return None
            except asyncio.CancelledError:
                await self._end()
                raise
            self._answered_at = said_at
            return row[0] if row else None

    async def _open_session(self) -> "psycopg.AsyncConnection[tuple[object, ...]]":
        if self._session is None or self._session.closed:
            self._held.clear()
            assert self._url is not None  # noqa: S101 - who is alone asks nobody
            self._session = await psycopg.AsyncConnection.connect(**postgres.words_for(self._url, SESSION))
            await self._session.set_autocommit(True)
            guard = randbits(31)
            await self._session.execute(TAKE.encode(), (postgres.GUARDS, guard))
            self.guard = guard
        return self._session

    async def _end(self) -> None:
        self._held.clear()
        self.guard = None
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def _number(name: str) -> int:
    return zlib.crc32(name.encode()) & 0x7FFFFFFF


def _seconds() -> float:
    """Seconds that go on while the process, or the whole machine, stands still."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
