"""Updates taken to the bots that asked for a webhook: posted one by one, again and again until they are taken.

Each chat is a lane: its updates come in order, and one that is not taken holds up that chat only.
Source: Bot API, setWebhook (secret header, connections, retries after any answer but 2xx).
"""

import asyncio
from collections.abc import Callable
from functools import partial

import aiohttp

from .accounts import BotAccount
from .faults import Outage
from .messenger import Messenger
from .updates import Waiting

PATIENCE = 10.0  # seconds for the bot's answer
FIRST_RETRY = 0.2  # seconds, doubled each time; the real service begins slower
LAST_RETRY = 30.0
LOOK_AHEAD = 1000  # updates looked through for a free lane
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # nosec B105 # noqa: S105 - a header's name


class NotTaken(Exception):
    """The bot answered, and not with 2xx."""


class Webhooks:
    """Takes the updates of all bots to where they want them."""

    def __init__(self, messenger: Messenger, outage: Outage, reply: Callable[[BotAccount, bytes], None]) -> None:
        self._messenger = messenger
        self._outage = outage
        self._reply = reply
        self._session: aiohttp.ClientSession | None = None
        self._lanes: dict[tuple[int, int], asyncio.Task[None]] = {}

    def serve(self, bot: BotAccount) -> None:
        """From now on the updates of `bot` are taken to its webhook whenever it has one."""
        bot.updates.on_put = lambda: self._look(bot)

    def _look(self, bot: BotAccount) -> None:
        if not bot.webhook.url:
            return
        busy = sum(1 for bot_id, _ in self._lanes if bot_id == bot.id)
        for update in bot.updates.first(LOOK_AHEAD):
            if busy >= bot.webhook.connections:
                return
            lane = (bot.id, update.chat_id or -update.id)
            if lane not in self._lanes:
                busy += 1
                task = asyncio.get_running_loop().create_task(self._deliver(bot, update), name="stage webhook")
                self._lanes[lane] = task
                task.add_done_callback(partial(self._free, bot, lane))

    def _free(self, bot: BotAccount, lane: tuple[int, int], done: asyncio.Task[None]) -> None:
        self._lanes.pop(lane, None)
        if not done.cancelled():
            done.result()
            self._look(bot)

    async def _deliver(self, bot: BotAccount, update: Waiting) -> None:
        pause = FIRST_RETRY
        url = bot.webhook.url
        while bot.webhook.url == url:
            if self._outage.standing_still:
                await self._outage.wait_until_over()
            try:
                answer = await self._post(bot, update)
            except NotTaken as refusal:
                self._note(bot, str(refusal))
            except (aiohttp.ClientError, TimeoutError) as failure:
                self._note(bot, f"Connection failed: {type(failure).__name__}")
            else:
                bot.updates.settle(update)
                self._reply(bot, answer)
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, LAST_RETRY)

    async def _post(self, bot: BotAccount, update: Waiting) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE))
        headers = {"Content-Type": "application/json"}
        if bot.webhook.secret:
            headers[SECRET_HEADER] = bot.webhook.secret
        async with self._session.post(bot.webhook.url, data=update.body, headers=headers) as answer:
            if not 200 <= answer.status < 300:
                raise NotTaken(f"Wrong response from the webhook: {answer.status} {answer.reason}")
            return await answer.read()

    def _note(self, bot: BotAccount, error: str) -> None:
        bot.webhook.last_error, bot.webhook.last_error_at = error, self._messenger.now()

    async def close(self) -> None:
        tasks = list(self._lanes.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
