"""Who uses the messenger: bots, people, and the chats between them.

These are the messenger's own records; nothing here speaks a protocol.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from .files import Files
from .messages import Answer, Call, Keyboard, Post
from .updates import UpdateQueue


@dataclass
class Profile:
    """What a bot says about itself, by language; "" is for every other language."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=dict)  # by (scope, language)
    menu_button: dict[str, object] = field(default_factory=lambda: {"type": "commands"})


@dataclass
class WebhookState:
    """Where a bot wants its updates sent; `url` is empty while it polls."""

    url: str = ""
    secret: str = field(default="", repr=False)
    connections: int = 40
    last_error: str = ""
    last_error_at: datetime | None = None


@dataclass(eq=False)
class BotAccount:
    """A bot of the messenger. `id` is the number in front of its token, where there is one."""

    id: int
    token: str = field(repr=False)
    username: str
    name: str
    updates: UpdateQueue = field(repr=False)
    files: Files = field(repr=False)
    profile: Profile = field(default_factory=Profile, repr=False)
    webhook: WebhookState = field(default_factory=WebhookState, repr=False)
    last_message_id: int = 0

    def next_message_id(self) -> int:
        self.last_message_id += 1
        return self.last_message_id


@dataclass(frozen=True)
class Person:
    """Someone with a phone. `badge` is their part in the rehearsal, shown on the page only."""

    id: int
    name: str
    language: str
    badge: str = ""


@dataclass(eq=False)
class Chat:
    """What passes between one bot and one person, or in a group (`person` is None)."""

    id: int
    bot: BotAccount
    person: Person | None
    title: str = ""
    started: bool = False
    blocked: bool = False
    keyboard: Keyboard | None = None
    keyboard_on: int = 0  # the message that the keyboard hangs on, and goes with
    typing_until: float = 0.0  # time.monotonic()
    posts: dict[int, Post] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    waiters: set["asyncio.Future[None]"] = field(default_factory=set)

    def newest(self) -> list[Post]:
        """The visible posts, newest first."""
        return [post for post in reversed(self.posts.values()) if post.visible]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a phone shows differently now: `what` is one word, `post` the message it is about."""

    what: str
    chat: Chat
    post: Post | None = None
    answer: Answer | None = None


Watcher = Callable[[Change], None]
