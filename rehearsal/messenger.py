"""The pocket messenger's memory: who there is, what was said, and what each bot has yet to be told.

No HTTP and no waiting: every function does one thing at once. Bots come in through `bot_api`, people through `phone`.
Two rules are kept here: a bot cannot write first, and a person who blocked a bot hears nothing of it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from . import wire
from .accounts import BotAccount, Change, Chat, Person, Watcher
from .files import Files
from .messages import Answer, Kind, Post
from .refusals import bad_request, forbidden, moved
from .updates import UpdateQueue

DELETABLE = timedelta(hours=48)  # Bot API, deleteMessage
QUERY_LIFE = 60.0  # real seconds in which a press can be answered; the real service does not say how long
FIRST_PERSON = 700_000_001
FIRST_BOT = 900_000_001
FIRST_GROUP = -1_000_001
FIRST_SUPERGROUP = -1_001_000_000_001


@dataclass(frozen=True, slots=True)
class Query:
    """A pressed button that waits to be answered."""

    id: str
    chat: Chat
    post: Post
    data: str
    pressed_real: float


class Messenger:
    """All bots, people and chats."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.bots: dict[str, BotAccount] = {}  # by token
        self.people: dict[int, Person] = {}
        self.chats: dict[tuple[int, int], Chat] = {}  # by (bot id, chat id)
        self.queries: dict[str, Query] = {}
        self.query_life = QUERY_LIFE
        self.watchers: list[Watcher] = []
        self._moved: dict[tuple[int, int], int] = {}
        self._numbers = {begin: count(begin) for begin in (FIRST_PERSON, FIRST_BOT, 1)}
        self._groups = count(FIRST_GROUP, -1)
        self._supergroups = count(FIRST_SUPERGROUP, -1)

    def add_bot(self, token: str, username: str, name: str) -> BotAccount:
        """Raises ValueError when the token is taken."""
        if token in self.bots:
            raise ValueError(f"There is already a bot with the token of @{username}.")
        head = token.partition(":")[0]
        bot_id = int(head) if head.isascii() and head.isdigit() else next(self._numbers[FIRST_BOT])
        bot = BotAccount(bot_id, token, username, name, UpdateQueue(self.now), Files(bot_id))
        self.bots[token] = bot
        return bot

    def add_person(self, name: str, language: str, badge: str) -> Person:
        person = Person(next(self._numbers[FIRST_PERSON]), name, language, badge)
        self.people[person.id] = person
        return person

    def add_group(self, bot: BotAccount, title: str) -> Chat:
        """A group that `bot` is a member of and may write to."""
        return self._open(Chat(next(self._groups), bot, None, title, started=True))

    def chat_of(self, bot: BotAccount, person: Person) -> Chat | None:
        """The chat of a person with a bot; None before Start was pressed."""
        chat_id = self._moved.get((bot.id, person.id), person.id)
        return self.chats.get((bot.id, chat_id))

    def begin(self, bot: BotAccount, person: Person) -> Chat:
        """The chat of a person with a bot, opened if need be."""
        return self.chat_of(bot, person) or self._open(Chat(person.id, bot, person))

    def reach(self, bot: BotAccount, chat_id: int | str) -> Chat:
        """The chat that a bot wants to write to. Raises Refused when it may not."""
        chat = self.chats.get((bot.id, chat_id)) if isinstance(chat_id, int) else None
        if chat is not None:
            if not chat.started:
                raise forbidden("bot can't initiate conversation with a user")
            if chat.blocked:
                raise forbidden("bot was blocked by the user")
            return chat
        if isinstance(chat_id, int):
            if (bot.id, chat_id) in self._moved:
                raise moved(self._moved[bot.id, chat_id])
            if chat_id in self.people:
                raise forbidden("bot can't initiate conversation with a user")
        raise bad_request("chat not found")

    def migrate(self, chat: Chat) -> int:
        """Give a chat a new id, as when a group becomes a supergroup; calls to the old id are told the new one."""
        old, chat.id = chat.id, next(self._supergroups)
        self.chats[chat.bot.id, chat.id] = self.chats.pop((chat.bot.id, old))
        self._moved[chat.bot.id, old] = chat.id
        return chat.id

    def post(self, chat: Chat, *, from_bot: bool, kind: Kind = Kind.TEXT, text: str = "") -> Post:
        """Put a message into a chat; the caller completes it and then calls `told`."""
        post = Post(
            id=chat.bot.next_message_id(),
            chat_id=chat.id,
            position=len(chat.posts) + 1,
            from_bot=from_bot,
            kind=kind,
            sent_at=self.now(),
            sent_real=time.monotonic(),
            text=text,
        )
        chat.posts[post.id] = post
        return post

    def told(self, what: str, chat: Chat, post: Post | None = None, answer: Answer | None = None) -> None:
        """Wake everyone who waits for something in this chat."""
        while chat.waiters:
            waiter = chat.waiters.pop()
            if not waiter.done():
                waiter.set_result(None)
        if self.watchers:
            change = Change(what, chat, post, answer)
            for watcher in tuple(self.watchers):
                watcher(change)

    def edit(self, chat: Chat, post: Post) -> None:
        """A bot changed its message: it is heard anew."""
        post.edited_at = self.now()
        self.told("message", chat, post)

    def delete(self, chat: Chat, message_id: int) -> bool:
        """Delete for both sides. False when there is no such message; raises Refused when it is too old."""
        post = chat.posts.get(message_id)
        if post is None or not post.visible:
            return False
        if self.is_too_old(post):
            raise bad_request("message can't be deleted for everyone")
        post.deleted_at = self.now()
        if chat.keyboard_on == post.id:  # as tdlib/td has it, MessagesManager (2026-11)
            chat.keyboard = None
        self.told("message", chat, post)
        return True

    def is_too_old(self, post: Post) -> bool:
        """Whether no bot can delete this message any more."""
        return self.now() - post.sent_at >= DELETABLE

    def press(self, chat: Chat, person: Person, post: Post, data: str) -> Query:
        """A person presses a button under a message."""
        query = Query(str(next(self._numbers[1]) + (chat.bot.id << 20)), chat, post, data, time.monotonic())
        self.queries[query.id] = query
        chat.bot.updates.put("callback_query", wire.callback_query(query.id, chat, person, post, data), chat.id)
        return query

    def answer(self, bot: BotAccount, query_id: str, text: str, alert: bool) -> Chat:
        """Answer a press, once. Raises Refused when it is too late or there was none."""
        query = self.queries.pop(query_id, None)
        late = query is None or time.monotonic() - query.pressed_real > self.query_life
        if query is None or late or query.chat.bot is not bot:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        answer = Answer(text, alert, query_id)
        query.chat.answers.append(answer)
        self.told("answer", query.chat, query.post, answer)
        return query.chat

    def block(self, chat: Chat, person: Person, blocked: bool) -> None:
        """A person blocks a bot, or takes it back; the bot is told that it was."""
        if chat.blocked != blocked:
            chat.blocked = blocked
            chat.bot.updates.put("my_chat_member", wire.my_chat_member(chat, person, self.now()), chat.id)
            self.told("chat", chat)

    def _open(self, chat: Chat) -> Chat:
        self.chats[chat.bot.id, chat.id] = chat
        self.told("chat", chat)
        return chat
