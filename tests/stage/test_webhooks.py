"""A bot that asked for a webhook is brought its updates, with its secret, until it takes them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from rehearsal import BotAccount, Phone, Stage
from tests.stage.conftest import Api, until


class Hook:
    """A small server that takes updates; `answers` are its next statuses, 200 when there are none."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[int] = []
        self.reply: dict[str, object] = {}
        self.secrets: list[str | None] = []
        self.taken: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.refused = 0

    async def take(self, request: web.Request) -> web.Response:
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.taken.put_nowait(await request.json())
        else:
            self.refused += 1
        return web.json_response(self.reply, status=status)

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(3):
            return await self.taken.get()


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


async def test_what_waited_and_what_comes_is_brought_in_order_with_the_secret(
    api: Api, hook: Hook, bot: BotAccount, ana: Phone, stage: Stage
) -> None:
    await api("setWebhook", url=hook.url, secret_token="s3cret")
    ana.type(bot, "one")
    ana.type(bot, "two")

    texts = [(await hook.next())["message"]["text"] for _ in range(3)]
    await until(lambda: not stage.waiting(bot))

    assert texts == ["/start", "one", "two"]
    assert hook.secrets == ["s3cret"] * 3


async def test_what_is_not_taken_is_brought_again_and_holds_up_nobody_else(
    api: Api, hook: Hook, bot: BotAccount, ana: Phone, bo: Phone
) -> None:
    hook.answers = [500]
    await api("setWebhook", url=hook.url)

    first, second = await hook.next(), await hook.next()

    assert {first["message"]["from"]["id"], second["message"]["from"]["id"]} == {ana.id, bo.id}
    info = (await api("getWebhookInfo"))["result"]
    assert hook.refused == 1
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"


async def test_an_update_given_twice_is_brought_twice(
    api: Api, hook: Hook, stage: Stage, bot: BotAccount, ana: Phone
) -> None:
    await api("setWebhook", url=hook.url)
    await hook.next()
    stage.faults.twice(bot)

    ana.type(bot, "/panic")

    assert await hook.next() == await hook.next()


async def test_a_call_in_the_answer_is_done(api: Api, hook: Hook, bot: BotAccount, ana: Phone) -> None:
    hook.reply = {"method": "sendMessage", "chat_id": ana.id, "text": "by return"}

    await api("setWebhook", url=hook.url)

    assert (await ana.expect(bot, "by return")).from_bot


async def test_polling_takes_over_what_the_webhook_left(api: Api, hook: Hook, bot: BotAccount, ana: Phone) -> None:
    hook.answers = [500] * 50
    await api("setWebhook", url=hook.url)
    await api("deleteWebhook")

    told = await api("getUpdates")

    assert [update["message"]["text"] for update in told["result"]] == ["/start"]
