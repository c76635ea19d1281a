"""The bots' door: the Bot API over HTTP, for client libraries that know nothing of the stage.

`/bot<TOKEN>/<method>` and `/file/bot<TOKEN>/<path>`. A call passes, in this order: the outage, the token, the method,
the faults, the flood limits, the method itself; then it is written down in the chat's transcript.
"""

import json
import time

from aiohttp import web

from .accounts import BotAccount, Chat
from .arguments import Arguments, read_arguments
from .faults import Fault, Faults, Outage, Trouble
from .limits import Limits
from .messages import Call, canonical
from .messenger import Messenger
from .methods import METHODS, Method, Outcome, changing, sending
from .refusals import Refused, unauthorized, unknown_method, webhook_is_set

POLL = "getupdates"
COUNTED = frozenset(name.lower() for name in (*sending.METHODS, *changing.EDITS))


class ConnectionCut(Exception):
    """The call ends without an answer."""


class BotApi:
    """Answers the calls of all bots."""

    def __init__(self, messenger: Messenger, faults: Faults, limits: Limits, outage: Outage) -> None:
        self._messenger = messenger
        self._faults = faults
        self._limits = limits
        self._outage = outage

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/bot{token}/{method}", self._call),
            web.get("/file/bot{token}/{path:.+}", self._download),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        try:
            body = await self._answer(request)
            if self._outage.standing_still:
                await self._outage.wait_until_over()
                raise ConnectionCut
        except Refused as refusal:
            return _refuse(refusal)
        except ConnectionCut:
            return _cut(request)
        return web.Response(body=body, content_type="application/json")

    async def _answer(self, request: web.Request) -> bytes:
        if self._outage.standing_still:
            await self._outage.wait_until_over()
            raise ConnectionCut
        bot = self._messenger.bots.get(request.match_info["token"])
        if bot is None:
            raise unauthorized()
        name = request.match_info["method"].lower()
        method = METHODS.get(name)
        if method is None and name != POLL:
            raise unknown_method()
        args = await read_arguments(request)
        fault = self._faults.met(bot, name, args.values.get("chat_id"))
        if fault is not None:
            await _suffer(fault)
        if method is None:
            body = await self._poll(bot, args)
        else:
            result = self.perform(bot, request.match_info["method"], method, args)
            body = b'{"ok":true,"result":' + json.dumps(result, ensure_ascii=False).encode() + b"}"
        if fault is not None and fault.trouble is Trouble.CUT_AFTER:
            raise ConnectionCut
        return body

    def perform(self, bot: BotAccount, name: str, method: Method, args: Arguments) -> object:
        """Do one call now. Raises Refused when it cannot be done."""
        if name.lower() in COUNTED:
            self._limits.admit(bot.id, self._messenger.reach(bot, args.chat_id()).id)
        outcome = method(self._messenger, bot, args)
        if outcome.chat is not None:
            self._write_down(outcome.chat, name, args, outcome)
        return outcome.result

    def _write_down(self, chat: Chat, name: str, args: Arguments, outcome: Outcome) -> None:
        said = dict(args.values)
        for post in outcome.posts:
            if post.file is not None:
                said[post.kind.value] = post.file
            if post.reply_to is not None:
                said["reply_parameters"] = post.reply_to.position
        positions = tuple(post.position for post in outcome.posts)
        message_id = outcome.posts[0].id if len(outcome.posts) == 1 else None
        call = Call(name, positions, canonical(said), self._messenger.now(), time.monotonic(), message_id)
        chat.calls.append(call)

    async def _poll(self, bot: BotAccount, args: Arguments) -> bytes:
        if bot.webhook.url:
            raise webhook_is_set()
        kinds = args.json("allowed_updates")
        if isinstance(kinds, list):
            bot.updates.allow(str(kind) for kind in kinds)
        offset, limit, timeout = args.number("offset"), args.number("limit", 100), args.number("timeout")
        updates = await bot.updates.poll(offset, limit, timeout)
        return b'{"ok":true,"result":[' + b",".join(update.body for update in updates) + b"]}"

    def reply(self, bot: BotAccount, body: bytes) -> None:
        """Do the call that a bot put into its answer to a webhook, if it did; a refusal is nobody's to see."""
        try:
            call = json.loads(body) if body.startswith(b"{") else {}
            method = METHODS.get(str(call.get("method", "")).lower())
            if method is not None:
                self.perform(bot, str(call["method"]), method, Arguments(call))
        except (ValueError, Refused):
            return

    async def _download(self, request: web.Request) -> web.Response:
        if self._outage.standing_still:
            await self._outage.wait_until_over()
            return _cut(request)
        bot = self._messenger.bots.get(request.match_info["token"])
        if bot is None:
            return _refuse(unauthorized())
        file = bot.files.by_path(request.match_info["path"])
        if file is None:
            return _refuse(Refused(404, "Not Found: wrong file_path specified"))
        return web.Response(body=file.data, content_type="application/octet-stream")


async def _suffer(fault: Fault) -> None:
    """What a fault does before the call: delay it, or end it by raising."""
    match fault.trouble:
        case Trouble.SLOW:
            await fault.wait()
        case Trouble.HANG:
            await fault.wait()
            raise ConnectionCut
        case Trouble.CUT_BEFORE:
            raise ConnectionCut
        case Trouble.FAIL:
            raise Refused(fault.status, "Bad Gateway" if fault.status == 502 else "Internal Server Error")
        case Trouble.CUT_AFTER | Trouble.TWICE:
            return


def _refuse(refusal: Refused) -> web.Response:
    answer: dict[str, object] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return web.json_response(answer, status=refusal.code)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
