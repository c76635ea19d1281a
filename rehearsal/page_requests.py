"""What a finger on the page does: each request is one act on one phone, or on the clock.

A request needs a header that only our own page sends, so that no other page in the same browser can act here. What
cannot be done is answered with one sentence, which the phone shows.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from .accounts import BotAccount
from .clock import Steerable
from .messenger import Messenger
from .phone import Phone
from .refusals import Refused

PAGE = Path(__file__).with_name("page")
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PICTURES = frozenset({"image/png", "image/jpeg"})
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
OWN_HEADER = "X-Stage"
LONGEST_JUMP = timedelta(days=7)

Body = dict[str, object]
Act = Callable[[Phone, BotAccount, Body], object]


def _id(body: Body, name: str) -> int:
    return int(str(body[name]))


def _degrees(body: Body) -> tuple[float, float]:
    return float(str(body["lat"])), float(str(body["lon"]))


ACTS: dict[str, Act] = {
    "start": lambda phone, bot, body: phone.start(bot, str(body.get("payload") or "")),
    "type": lambda phone, bot, body: phone.type(
        bot, str(body["text"]), _id(body, "reply_to") if body.get("reply_to") else None
    ),
    "edit": lambda phone, bot, body: phone.edit(bot, _id(body, "message"), str(body["text"])),
    "press": lambda phone, bot, body: phone.press(bot, str(body["button"]), message_id=_id(body, "message")),
    "key": lambda phone, bot, body: phone.press_key(bot, str(body["button"])),
    "place": lambda phone, bot, body: phone.share_place(bot, *_degrees(body), int(str(body.get("live") or 0))),
    "move": lambda phone, bot, body: phone.move(bot, _id(body, "message"), *_degrees(body)),
    "block": lambda phone, bot, body: phone.block(bot),
    "unblock": lambda phone, bot, body: phone.unblock(bot),
}
FILE_ACTS: dict[str, Callable[[Phone, BotAccount, bytes, str, str], object]] = {
    "photo": lambda phone, bot, data, name, caption: phone.photo(bot, data, caption),
    "voice": lambda phone, bot, data, name, caption: phone.voice(bot, data),
    "document": lambda phone, bot, data, name, caption: phone.document(bot, data, name, caption),
}


class PageRequests:
    """Serves the page and does what is done on it."""

    def __init__(self, messenger: Messenger, phones: dict[int, Phone], clock: object) -> None:
        self._messenger = messenger
        self._phones = phones
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """The page, its parts, the files in its chats, and the acts."""
        return [
            web.get("/", self._page),
            web.get("/stage/page/{name:[a-z]+\\.(?:css|js|svg)}", self._part),
            web.get("/stage/files/{bot}/{path:.+}", self._file),
            web.post("/stage/phones/{phone}/{act}", self._act),
            web.post("/stage/clock", self._steer),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        return _static("index.html")

    async def _part(self, request: web.Request) -> web.Response:
        return _static(request.match_info["name"])

    async def _file(self, request: web.Request) -> web.Response:
        bot = self._bot(request.match_info["bot"])
        file = bot.files.by_path(request.match_info["path"]) if bot else None
        if file is None:
            raise web.HTTPNotFound
        kind = file.mime if file.mime in PICTURES else "application/octet-stream"
        return web.Response(body=file.data, content_type=kind, headers=HEADERS)

    async def _act(self, request: web.Request) -> web.Response:
        if OWN_HEADER not in request.headers:
            return _no("Only the page of the stage can do this.")
        phone, act = self._phones.get(int(request.match_info["phone"])), request.match_info["act"]
        try:
            body = dict(request.query) if act in FILE_ACTS else json.loads(await request.read())
            bot = self._bot(str(body["bot"]))
            if phone is None or bot is None:
                return _no("There is no such phone or bot on this stage.")
            if act in FILE_ACTS:
                FILE_ACTS[act](phone, bot, await request.read(), body.get("name", "file"), body.get("caption", ""))
            else:
                ACTS[act](phone, bot, body)
        except LookupError as refusal:
            return _no(str(refusal.args[0]) if refusal.args else "This cannot be done here.")
        except Refused as refusal:
            return _no(refusal.description)
        except (ValueError, TypeError, AttributeError):
            return _no("The stage did not understand this.")
        return web.Response(status=204)

    async def _steer(self, request: web.Request) -> web.Response:
        if OWN_HEADER not in request.headers:
            return _no("Only the page of the stage can do this.")
        if not isinstance(self._clock, Steerable):
            return _no("The clock of this stage cannot be moved.")
        try:
            body = json.loads(await request.read())
            if "advance" in body:
                self._clock.advance(min(timedelta(seconds=float(body["advance"])), LONGEST_JUMP))
            if "speed" in body:
                self._clock.speed = float(body["speed"])
        except (ValueError, TypeError) as refusal:
            return _no(str(refusal))
        return web.Response(status=204)

    def _bot(self, bot_id: str) -> BotAccount | None:
        return next((bot for bot in self._messenger.bots.values() if str(bot.id) == bot_id), None)


def _static(name: str) -> web.Response:
    path = PAGE / name
    if not path.is_file():
        raise web.HTTPNotFound
    return web.Response(body=path.read_bytes(), content_type=TYPES[path.suffix], charset="utf-8", headers=HEADERS)


def _no(why: str) -> web.Response:
    return web.json_response({"error": why}, status=400)
