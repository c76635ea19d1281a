"""The live stream behind the page: first a snapshot of every phone, then each change as it happens.

Server-sent events; one handler for each open page, which ends with it. A page that cannot keep up is let go: its
browser comes back by itself and gets a fresh snapshot. The board is asked for only while somebody looks.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol

from aiohttp import web

from .accounts import Change
from .clock import Steerable
from .faults import Outage
from .messenger import Messenger
from .phone import Phone
from .showing import Json, show_bot, show_chat, show_phone, show_post

BOARD_EVERY = 0.25  # seconds
PHONES_SHOWN = 24  # more would be no page to look at; a benchmark has thousands
BACKLOG = 2000  # changes that a slow page may be behind
JUMP = timedelta(seconds=0.5)  # a difference that is no rounding

Board = Callable[[], Awaitable[Json]]


class Clock(Protocol):
    """The time of the service."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class PageEvents:
    """Tells every open page what changes."""

    def __init__(
        self, messenger: Messenger, phones: dict[int, Phone], clock: Clock, outage: Outage, board: Board | None
    ) -> None:
        self._messenger = messenger
        self._phones = phones
        self._clock = clock
        self._outage = outage
        self._board = board
        self._streams: set[asyncio.Queue[bytes]] = set()

    def routes(self) -> list[web.RouteDef]:
        """The one address of the stream."""
        return [web.get("/stage/events", self._stream)]

    def phone_added(self, phone: Phone) -> None:
        """Show a phone that was not there when the pages opened."""
        if phone.id in self._shown():
            self._tell("phone", show_phone(phone, []))

    def bot_added(self) -> None:
        """Name the bots again."""
        self._tell("bots", [show_bot(bot) for bot in self._messenger.bots.values()])

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        queue: asyncio.Queue[bytes] = asyncio.Queue(BACKLOG)
        self._open(queue)
        try:
            await response.write(_event("snapshot", self._snapshot()))
            pulse = _Pulse(self._clock, self._outage, self._board)
            while queue in self._streams:
                await response.write(await self._next(queue, pulse))
        except ConnectionError:
            pass  # the page was closed
        finally:
            self._close(queue)
        return response

    async def _next(self, queue: asyncio.Queue[bytes], pulse: "_Pulse") -> bytes:
        """Everything there is to say, or a sign of life."""
        chunks = []
        try:
            async with asyncio.timeout(pulse.pause):
                chunks.append(await queue.get())
        except TimeoutError:
            pass  # nothing happened; the pulse says whether time did
        while not queue.empty():
            chunks.append(queue.get_nowait())
        chunks.extend(await pulse.beat())
        return b"".join(chunks) or b":\n\n"

    def _open(self, queue: asyncio.Queue[bytes]) -> None:
        if not self._streams:
            self._messenger.watchers.append(self._changed)
        self._streams.add(queue)

    def _close(self, queue: asyncio.Queue[bytes]) -> None:
        self._streams.discard(queue)
        if not self._streams and self._changed in self._messenger.watchers:
            self._messenger.watchers.remove(self._changed)

    def _changed(self, change: Change) -> None:
        chat = change.chat
        if chat.person is None or chat.person.id not in self._shown():
            return
        about: Json = {"phone": chat.person.id, "chat": show_chat(chat)}
        if change.post is not None:
            about["message"] = show_post(change.post, chat)
        if change.answer is not None:
            about["answer"] = {"text": change.answer.text, "alert": change.answer.alert}
        self._tell(change.what, about)

    def _tell(self, what: str, about: object) -> None:
        event = _event(what, about)
        for queue in tuple(self._streams):
            if queue.full():
                self._close(queue)
            else:
                queue.put_nowait(event)

    def _shown(self) -> list[int]:
        return list(islice(self._phones, PHONES_SHOWN))

    def _snapshot(self) -> Json:
        chats = [chat for chat in self._messenger.chats.values() if chat.person is not None]
        shown = self._shown()
        return {
            "bots": [show_bot(bot) for bot in self._messenger.bots.values()],
            "phones": [
                show_phone(phone, [chat for chat in chats if chat.person is phone.person])
                for phone in map(self._phones.__getitem__, shown)
            ],
            "hidden": len(self._phones) - len(shown),
        }


class _Pulse:
    """What changes by itself: the clock, the outage and the board; told when it is not what the page expects."""

    def __init__(self, clock: Clock, outage: Outage, board: Board | None) -> None:
        self._clock = clock
        self._outage = outage
        self._board = board
        self._at = 0.0
        self._now = datetime.min.replace(tzinfo=UTC)
        self._speed = 0.0
        self._still: bool | None = None
        self._last_board = ""
        self._next = time.monotonic()

    @property
    def pause(self) -> float:
        """Seconds until the next look."""
        return max(0.0, self._next - time.monotonic())

    async def beat(self) -> list[bytes]:
        """The events that are due."""
        if time.monotonic() < self._next:
            return []
        self._next = time.monotonic() + BOARD_EVERY
        return [*self._clock_event(), *await self._board_event()]

    def _clock_event(self) -> list[bytes]:
        now, at, speed = self._clock.now(), time.monotonic(), float(getattr(self._clock, "speed", 1.0))
        known = self._speed == speed and self._still == self._outage.standing_still
        expected = timedelta(seconds=(at - self._at) * speed)
        if known and abs(now - self._now - expected) < JUMP * speed:
            return []
        self._now, self._at, self._speed = now, at, speed
        self._still = self._outage.standing_still
        steerable = isinstance(self._clock, Steerable)
        about = {"now": now.isoformat(), "speed": speed, "steerable": steerable, "still": self._still}
        return [_event("clock", about)]

    async def _board_event(self) -> list[bytes]:
        if self._board is None:
            return []
        board = await self._board()
        text = json.dumps(board, sort_keys=True, default=str)
        if text == self._last_board:
            return []
        self._last_board = text
        return [_event("board", board)]


def _event(what: str, about: object) -> bytes:
    return f"event: {what}\ndata: {json.dumps(about, ensure_ascii=False, default=str)}\n\n".encode()
