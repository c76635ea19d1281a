"""The stage: one server on this machine that is the messenger for bots, and a page of phones for people.

Tests hold it by its Python side; the bots under test come in over HTTP like any others.
"""

from types import TracebackType
from typing import Self

from aiohttp import web

from . import wire
from .accounts import BotAccount, Chat
from .bot_api import BotApi
from .faults import Faults, Outage
from .hearing import line
from .limits import Limits
from .messages import Message, seen
from .messenger import Messenger
from .page_events import Board, Clock, PageEvents
from .page_requests import PageRequests
from .phone import Phone
from .webhooks import Webhooks

LARGEST_BODY = 50 * 1024 * 1024  # bytes; Bot API, "Sending files"
GOODBYE = 0.05  # seconds that open polls and streams are given when the stage closes


class Stage:
    """A pocket messenger with everybody's phones.

    `limits` are the flood limits of the real service (also `stage.limits.on`). `board` tells the page what the
    service is doing; without it there are only phones. Use it as a context manager, or `open` and `close` it.
    """

    def __init__(
        self, clock: Clock, *, limits: bool = True, host: str = "127.0.0.1", port: int = 0, board: Board | None = None
    ) -> None:
        self.clock = clock
        self.messenger = Messenger(clock.now)
        self.faults = Faults()
        self.limits = Limits(limits)
        self.outage = Outage()
        self.phones: dict[int, Phone] = {}
        self._host, self._port = host, port
        self._api = BotApi(self.messenger, self.faults, self.limits, self.outage)
        self._webhooks = Webhooks(self.messenger, self.outage, self._api.reply)
        self._events = PageEvents(self.messenger, self.phones, clock, self.outage, board)
        self._page = PageRequests(self.messenger, self.phones, clock)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where the stage is: the base of the Bot API, and the page."""
        return f"http://{self._host}:{self._port}"

    async def open(self) -> None:
        app = web.Application(client_max_size=LARGEST_BODY)
        app.add_routes([*self._api.routes(), *self._events.routes(), *self._page.routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=GOODBYE)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        self.faults.clear()
        await self._webhooks.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # Who is there

    def add_bot(self, token: str, username: str, name: str) -> BotAccount:
        bot = self.messenger.add_bot(token, username, name)
        bot.updates.twice = lambda chat_id: self.faults.gives_twice(bot, chat_id)
        self._webhooks.serve(bot)
        self._events.bot_added()
        return bot

    def add_phone(self, name: str, *, language: str = "en", badge: str = "") -> Phone:
        """A person with a phone; `badge` is their part, such as defender, contact or lawyer."""
        phone = Phone(self.messenger, self.messenger.add_person(name, language, badge))
        self.phones[phone.id] = phone
        self._events.phone_added(phone)
        return phone

    def add_group(self, bot: BotAccount, title: str) -> Chat:
        """A group that `bot` may write to under `.id`; what it said is in `.posts`."""
        return self.messenger.add_group(bot, title)

    def migrate(self, bot: BotAccount, chat_id: int) -> int:
        """Give a chat a new id, as when a group becomes a supergroup. Raises KeyError when there is no such chat."""
        return self.messenger.migrate(self.messenger.chats[bot.id, chat_id])

    # What the bots have yet to read

    def offset(self, bot: BotAccount) -> int:
        """The id of the last update that the bot confirmed; 0 before the first."""
        return bot.updates.confirmed

    def waiting(self, bot: BotAccount) -> int:
        """How many updates the bot has not confirmed."""
        return len(bot.updates)

    def raw_update(self, bot: BotAccount, body: dict[str, object]) -> int:
        """Give the bot `body` as an update, unchecked but for the next id, which is returned."""
        return bot.updates.put_raw(body)

    def raw_bytes(self, bot: BotAccount, body: bytes) -> int:
        """Put bytes that need not be JSON where the next update would stand."""
        return bot.updates.put_bytes(body)

    def forwarded_from_hidden_user(self, phone: Phone, bot: BotAccount) -> int:
        """An update that neither client library can decode: a forward of someone whose name is not given."""
        chat = self.messenger.begin(bot, phone.person)
        post = self.messenger.post(chat, from_bot=False, text="Look at this")
        post.origin = {"type": "hidden_user", "date": wire.stamp(post.sent_at)}
        self.messenger.told("message", chat, post)
        return bot.updates.put("message", wire.message(post, chat), chat.id)

    # Outages, and what nobody expected

    def stand_still(self) -> None:
        """The service cannot reach the messenger: its calls hang, none is done; people go on writing."""
        self.outage.begin()

    def go_on(self) -> None:
        """The outage is over: calls that hung are cut, new ones are answered."""
        self.outage.end()

    def unheard(self) -> list[Message]:
        """What any bot said to any person and nobody expected, oldest first."""
        posts = [
            post for chat in self.messenger.chats.values() for post in chat.posts.values()
            if post.from_bot and not post.heard
        ]  # fmt: skip
        return [seen(post) for post in sorted(posts, key=lambda post: post.sent_real)]

    def expect_silence(self) -> None:
        """Raise AssertionError that quotes every message which nobody expected."""
        lines = [
            f"  {chat.person.name if chat.person else chat.title} heard {line(post, chat.bot, chat.person)}"
            for chat in self.messenger.chats.values() for post in chat.posts.values()
            if post.from_bot and not post.heard
        ]  # fmt: skip
        if lines:
            raise AssertionError("Nobody expected this:\n" + "\n".join(lines))
