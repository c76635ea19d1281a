"""A messenger that only takes the time: every call is answered at once, and noted with the moment at which it came.

It knows as much of the Bot API as both bots need, decodes nothing it does not have to, and so costs little beside the
service under test. With `limits` it refuses like the real one, 30 messages a second for a bot and one for a chat.
"""

import asyncio
import json
import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import unquote_plus

from aiohttp import web

from engine.clock import SystemClock
from rehearsal.limits import Limits
from rehearsal.refusals import Refused

BATCH = 100  # updates; the most that one getUpdates gives (Bot API)
CHAT = re.compile(rb'(?:(?:^|&)chat_id=|name="chat_id"\r\n\r\n|"chat_id": ?)(-?\d+)')
TEXT = re.compile(rb'(?:(?:^|&)text=([^&]*)|name="text"\r\n\r\n(.*?)\r\n--)', re.DOTALL)
MARKUP = re.compile(rb'(?:(?:^|&)reply_markup=([^&]*)|name="reply_markup"\r\n\r\n(.*?)\r\n--)', re.DOTALL)
NUMBER = re.compile(rb"(?:^|&)(offset|timeout|limit)=(-?\d+)")
UNLIMITED = 1  # the bot by which floors are measured
WRITES = ("sendMessage", "editMessageText")
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Heard:
    """One message that arrived in a chat, by the clock that `time.monotonic` reads."""

    at: float
    text: str
    markup: str
    message_id: int
    edit: bool


@dataclass(slots=True)
class Queue:
    """The updates that wait for one bot."""

    waiting: "deque[tuple[int, bytes]]" = field(default_factory=deque)
    last_id: int = 1000
    confirmed: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)


class Messenger:
    """Use it as a context manager. `heard` has what arrived, by chat; `puts` when each update was put, by its id."""

    def __init__(self, *, limits: bool = False) -> None:
        """Nothing listens yet."""
        self.heard: defaultdict[int, list[Heard]] = defaultdict(list)
        self.puts: dict[int, float] = {}
        self.calls: defaultdict[str, int] = defaultdict(int)
        self.refused = 0
        self.url = ""
        self.arrived = asyncio.Event()  # set with every message; whoever waits clears it
        self._limits = Limits(limits)
        self._queues: defaultdict[str, Queue] = defaultdict(Queue)
        self._message_id = 1_000_000
        self._runner: web.ServerRunner | None = None

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None), access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for queue in self._queues.values():
            queue.came.set()
        if self._runner is not None:
            await self._runner.cleanup()

    # What people do

    def put(self, token: str, kind: str, body: dict[str, object]) -> int:
        """An update for the bot of this token; gives its id."""
        queue = self._queues[token]
        queue.last_id += 1
        whole = json.dumps({"update_id": queue.last_id, kind: body}, ensure_ascii=False).encode()
        queue.waiting.append((queue.last_id, whole))
        self.puts[queue.last_id] = time.monotonic()
        queue.came.set()
        return queue.last_id

    def types(self, token: str, chat: int, text: str) -> int:
        """Somebody types into their chat with the bot; gives the id of the update."""
        return self.put(token, "message", {"message_id": self._next_id(), **_where(chat), "text": text})

    def presses(self, token: str, chat: int, data: str, message_id: int) -> int:
        """Somebody presses a button under a message of the bot; gives the id of the update."""
        under = {"message_id": message_id, **_where(chat), "text": "."}
        query: dict[str, object] = {
            "id": str(self._next_id()),
            "from": _person(chat),
            "message": under,
            "chat_instance": "1",
            "data": data,
        }
        return self.put(token, "callback_query", query)

    def waiting(self, token: str) -> list[bytes]:
        """The updates that wait for a bot, as they are given."""
        return [update for _, update in self._queues[token].waiting]

    def confirmed(self, token: str) -> int:
        """The id of the last update that the bot has confirmed."""
        return self._queues[token].confirmed

    def forget(self) -> None:
        """Forget what arrived so far."""
        self.heard.clear()
        self.puts.clear()
        self.calls.clear()
        self.refused = 0

    # What bots do

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        now = time.monotonic()
        _, bot, method = request.path.split("/", 2)
        body = await request.read()
        token = bot.removeprefix("bot")
        self.calls[method] += 1
        if method == "getUpdates":
            return web.Response(body=await self._poll(token, body), content_type=JSON)
        if method in WRITES:
            return self._written(token, body, now, edit=method != "sendMessage")
        return web.Response(body=_answer_to(method, token), content_type=JSON)

    def _written(self, token: str, body: bytes, now: float, *, edit: bool) -> web.Response:
        found, bot = CHAT.search(body), int(token.partition(":")[0])
        chat = int(found[1]) if found else 0
        try:
            if bot != UNLIMITED:
                self._limits.admit(bot, chat)
        except Refused as refusal:
            self.refused += 1
            told = {"ok": False, "error_code": refusal.code, "description": refusal.description}
            return web.json_response({**told, "parameters": refusal.parameters}, status=refusal.code)
        message_id = self._next_id()
        self.heard[chat].append(Heard(now, _read(TEXT, body), _read(MARKUP, body), message_id, edit))
        self.arrived.set()
        message = {"message_id": message_id, **_where(chat), "text": "."}
        return web.Response(body=b'{"ok":true,"result":' + json.dumps(message).encode() + b"}", content_type=JSON)

    async def _poll(self, token: str, body: bytes) -> bytes:
        queue, asked = self._queues[token], {name: int(value) for name, value in NUMBER.findall(body)}
        while queue.waiting and queue.waiting[0][0] < asked.get(b"offset", 0):
            queue.confirmed, _ = queue.waiting.popleft()
        if not queue.waiting:
            queue.came.clear()
            try:
                async with asyncio.timeout(asked.get(b"timeout", 0) or 0.001):
                    await queue.came.wait()
            except TimeoutError:
                return b'{"ok":true,"result":[]}'
        updates = [update for _, (_, update) in zip(range(asked.get(b"limit", BATCH)), queue.waiting, strict=False)]
        return b'{"ok":true,"result":[' + b",".join(updates) + b"]}"

    def _next_id(self) -> int:
        self._message_id += 1
        return self._message_id


def _read(pattern: "re.Pattern[bytes]", body: bytes) -> str:
    found = pattern.search(body)
    if found is None:
        return ""
    return unquote_plus(found[1].decode()) if found[1] is not None else found[2].decode()


def _person(chat: int) -> dict[str, object]:
    return {"id": chat, "is_bot": False, "first_name": "Ana", "language_code": "en"}


def _where(chat: int) -> dict[str, object]:
    whose = {"id": chat, "type": "private", "first_name": "Ana"}
    return {"chat": whose, "from": _person(chat), "date": int(SystemClock().now().timestamp())}


def _answer_to(method: str, token: str) -> bytes:
    number = int(token.partition(":")[0])
    answers: dict[str, object] = {
        "getMe": {"id": number, "is_bot": True, "first_name": "Daybook", "username": f"bot{number}_bot"},
        "getMyCommands": [],
        "getWebhookInfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
    }
    return json.dumps({"ok": True, "result": answers.get(method, True)}).encode()
