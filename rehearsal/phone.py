"""A person's phone: what they do with a bot, and what they see and hear of it.

Everything happens at once, as when a finger touches glass; only `expect` waits, in real seconds.
"""

import asyncio
import re
import time

from . import wire
from .accounts import BotAccount, Chat, Person
from .entities import commands
from .files import StoredFile
from .messages import Answer, Button, Call, Kind, Message, Place, Post, seen
from .messenger import Messenger

DEEP_LINK = re.compile(r"^(?:https?://)?t\.me/(\w+)\?start=([\w-]*)$|^tg://resolve\?domain=(\w+)&start=([\w-]*)$")
SOMEWHERE = Place(46.2044, 6.1432)


class Phone:
    """The phone of one person. Messages are named by the id that the bot knows them by."""

    def __init__(self, messenger: Messenger, person: Person) -> None:
        self._messenger = messenger
        self.person = person
        self.place = SOMEWHERE  # what a button that asks for the place shares

    def __repr__(self) -> str:
        return f"Phone({self.person.name})"

    @property
    def id(self) -> int:
        return self.person.id

    @property
    def name(self) -> str:
        return self.person.name

    # What a person does

    def start(self, bot: BotAccount, payload: str = "") -> int:
        """Press Start, or follow a link that carries `payload`; takes back a block."""
        chat = self._messenger.begin(bot, self.person)
        chat.started = True
        self._messenger.block(chat, self.person, False)
        return self.type(bot, f"/start {payload}".strip())

    def type(self, bot: BotAccount, text: str, reply_to: int | None = None) -> int:
        return self._send(bot, Kind.TEXT, text, reply_to=reply_to)

    def edit(self, bot: BotAccount, message_id: int, text: str) -> None:
        """Change an own message, or the words under a picture."""
        chat = self._open(bot)
        post = self._own(chat, message_id)
        post.text, post.entities = text, commands(text)
        self._edited(chat, post)

    def press(self, bot: BotAccount, label_or_data: str, *, message_id: int | None = None) -> str:
        """Press a button: the newest one whose label contains the words, or that carries exactly this data.

        Looks under messages first (only at `message_id` if given), then at the reply keyboard, whose buttons type
        their label or share the place. Gives the id of the callback query, "" where there is none.
        Raises LookupError that names the buttons there are.
        """
        chat = self._open(bot)
        posts = [post for post in chat.newest() if message_id in (None, post.id)]
        found = _find(posts, label_or_data)
        if found is not None:
            post, button = found
            if button.data:
                return self._messenger.press(chat, self.person, post, button.data).id
            self._follow(button.url)
            return ""
        keys = [key for row in chat.keyboard.rows for key in row] if chat.keyboard and message_id is None else []
        for key in keys:
            if label_or_data in key.label:
                self._press_key(chat, key)
                return ""
        labels = [button.label for post in posts for row in post.rows for button in row] + [key.label for key in keys]
        raise LookupError(f"{self.name} sees no button “{label_or_data}”. There are: {labels or 'none'}.")

    def press_data(self, bot: BotAccount, message_id: int, data: str) -> str:
        """Press a button that a message may no longer have, as an old screen can."""
        chat = self._open(bot)
        return self._messenger.press(chat, self.person, chat.posts[message_id], data).id

    def share_place(self, bot: BotAccount, lat: float, lon: float, live_seconds: int | None = None) -> int:
        """Send a place; with `live_seconds` it can be moved that long."""
        return self._send(bot, Kind.PLACE, place=Place(lat, lon, live_seconds or 0))

    def move(self, bot: BotAccount, message_id: int, lat: float, lon: float) -> None:
        """A live place moves on. Raises LookupError when it is not live."""
        chat = self._open(bot)
        post = self._own(chat, message_id)
        if post.place is None or not post.place.live_seconds:
            raise LookupError(f"Message {message_id} is not a live place.")
        post.place = Place(lat, lon, post.place.live_seconds)
        self._edited(chat, post)

    def photo(self, bot: BotAccount, data: bytes, caption: str = "") -> int:
        return self._send(bot, Kind.PHOTO, caption, file=bot.files.keep("photo", data))

    def voice(self, bot: BotAccount, data: bytes, seconds: int = 3) -> int:
        return self._send(bot, Kind.VOICE, file=bot.files.keep("voice", data, seconds=seconds))

    def document(self, bot: BotAccount, data: bytes, name: str, caption: str = "") -> int:
        return self._send(bot, Kind.DOCUMENT, caption, file=bot.files.keep("document", data, name=name))

    def block(self, bot: BotAccount) -> None:
        """The bot is told, and every call to this chat is refused."""
        self._messenger.block(self._messenger.begin(bot, self.person), self.person, True)

    def unblock(self, bot: BotAccount) -> None:
        self._messenger.block(self._messenger.begin(bot, self.person), self.person, False)

    # What a person sees

    def chat(self, bot: BotAccount) -> list[Message]:
        """Everything both sides said, deleted messages too (`deleted` tells)."""
        return [seen(post) for post in self._posts(bot)]

    def heard(self, bot: BotAccount) -> list[Message]:
        """What the bot said that is still there, as it reads now."""
        return [seen(post) for post in self._posts(bot) if post.from_bot and post.visible]

    def transcript(self, bot: BotAccount) -> list[Call]:
        """Every call made to this chat and done, in order; equal for two people who were told the same."""
        chat = self._messenger.chat_of(bot, self.person)
        return [] if chat is None else list(chat.calls)

    def answers(self, bot: BotAccount) -> list[Answer]:
        """What the presses of this person were answered with."""
        chat = self._messenger.chat_of(bot, self.person)
        return [] if chat is None else list(chat.answers)

    def keyboard(self, bot: BotAccount) -> list[str]:
        """The labels of the reply keyboard."""
        chat = self._messenger.chat_of(bot, self.person)
        return [key.label for row in chat.keyboard.rows for key in row] if chat and chat.keyboard else []

    def unheard(self, bot: BotAccount) -> list[Message]:
        """What the bot said, or edited to say something else, and nobody expected."""
        return [seen(post) for post in self._posts(bot) if post.from_bot and not post.heard]

    def read(self, bot: BotAccount) -> list[Message]:
        """Take note of everything so far, and give it."""
        fresh = self.unheard(bot)
        for post in self._posts(bot):
            post.heard = True
        return fresh

    async def expect(self, bot: BotAccount, containing: str, within: float = 2.0) -> Message:
        """The oldest message that was not expected before, is visible and says `containing`; waits for it.

        `within` is in real seconds. Takes note of that one message only. Raises AssertionError with the transcript.
        """
        deadline = time.monotonic() + within
        while True:
            for post in self._posts(bot):
                if post.from_bot and post.visible and not post.heard and containing in post.text:
                    post.heard = True
                    return seen(post)
            await self._wait_for_change(bot, containing, deadline)

    async def expect_answer(self, bot: BotAccount, query_id: str, within: float = 2.0) -> Answer:
        """What the press `query_id` was answered with; waits for it. Raises AssertionError when nothing comes."""
        deadline = time.monotonic() + within
        while True:
            for answer in self.answers(bot):
                if answer.query_id == query_id:
                    return answer
            await self._wait_for_change(bot, f"an answer to press {query_id}", deadline)

    # Inside

    async def _wait_for_change(self, bot: BotAccount, wanted: str, deadline: float) -> None:
        chat = self._messenger.begin(bot, self.person)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        chat.waiters.add(waiter)
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await waiter
        except TimeoutError:
            story = self.told(bot)
            raise AssertionError(f"{self.name} did not get “{wanted}” from @{bot.username}.\n{story}") from None
        finally:
            chat.waiters.discard(waiter)

    def told(self, bot: BotAccount) -> str:
        """The chat as lines of text, for people who read a failed test."""
        lines = [f"  {'·' if post.heard else '!'} {line(post, bot, self.person)}" for post in self._posts(bot)]
        return "\n".join(lines) or "  (nothing was said)"

    def _posts(self, bot: BotAccount) -> list[Post]:
        chat = self._messenger.chat_of(bot, self.person)
        return [] if chat is None else list(chat.posts.values())

    def _open(self, bot: BotAccount) -> Chat:
        chat = self._messenger.chat_of(bot, self.person)
        if chat is None or not chat.started:
            raise LookupError(f"{self.name} has not pressed Start in @{bot.username}.")
        if chat.blocked:
            raise LookupError(f"{self.name} has blocked @{bot.username}.")
        return chat

    def _own(self, chat: Chat, message_id: int) -> Post:
        post = chat.posts.get(message_id)
        if post is None or post.from_bot or not post.visible:
            raise LookupError(f"{self.name} has no message {message_id} of their own in this chat.")
        return post

    def _send(
        self, bot: BotAccount, kind: Kind, text: str = "", *, reply_to: int | None = None,
        file: StoredFile | None = None, place: Place | None = None,
    ) -> int:  # fmt: skip
        chat = self._open(bot)
        post = self._messenger.post(chat, from_bot=False, kind=kind, text=text)
        post.entities, post.file, post.place = commands(text), file, place
        post.reply_to = None if reply_to is None else chat.posts[reply_to]
        bot.updates.put("message", wire.message(post, chat), chat.id)
        self._messenger.told("message", chat, post)
        return post.id

    def _edited(self, chat: Chat, post: Post) -> None:
        post.edited_at = self._messenger.now()
        chat.bot.updates.put("edited_message", wire.message(post, chat), chat.id)
        self._messenger.told("message", chat, post)

    def _press_key(self, chat: Chat, key: Button) -> None:
        if key.asks_place:
            self.share_place(chat.bot, self.place.lat, self.place.lon)
        else:
            self.type(chat.bot, key.label)
        if chat.keyboard is not None and chat.keyboard.once:
            chat.keyboard = None
            self._messenger.told("chat", chat)

    def _follow(self, url: str) -> None:
        if link := DEEP_LINK.match(url):
            username, payload = link[1] or link[3], link[2] or link[4]
            for bot in self._messenger.bots.values():
                if bot.username.lower() == username.lower():
                    self.start(bot, payload or "")


def line(post: Post, bot: BotAccount, person: Person | None) -> str:
    """One message as one line."""
    who = f"@{bot.username}" if post.from_bot else person.name if person else "someone"
    kind = "" if post.kind is Kind.TEXT else f"[{post.kind}] "
    marks = ("" if post.edited_at is None else " (edited)") + ("" if post.visible else " (deleted)")
    buttons = "".join(f" [{button.label}]" for row in post.rows for button in row)
    return f"{who}: {kind}{post.text}{buttons}{marks}"


def _find(posts: list[Post], label_or_data: str) -> tuple[Post, Button] | None:
    for post in posts:
        for row in post.rows:
            for button in row:
                if label_or_data == button.data or label_or_data in button.label:
                    return post, button
    return None
