"""A person's phone: what they do with a bot, and (in `hearing`) what they see and hear of it.

Everything happens at once, as when a finger touches glass; only `expect` waits.
"""

import re

from . import wire
from .accounts import BotAccount, Chat, Person
from .entities import commands
from .files import StoredFile
from .hearing import Hearing
from .messages import Button, Kind, Place, Post
from .messenger import Messenger

DEEP_LINK = re.compile(r"^(?:https?://)?t\.me/(\w+)\?start=([\w-]*)$|^tg://resolve\?domain=(\w+)&start=([\w-]*)$")
SOMEWHERE = Place(46.2044, 6.1432)


class Phone(Hearing):
    """The phone of one person. Messages are named by the id that the bot knows them by.

    Acts raise LookupError, in one sentence, when a real phone would not offer them.
    """

    def __init__(self, messenger: Messenger, person: Person) -> None:
        super().__init__(messenger, person)
        self.place = SOMEWHERE  # what a button that asks for the place shares

    def __repr__(self) -> str:
        return f"Phone({self.person.name})"

    def start(self, bot: BotAccount, payload: str = "") -> int:
        """Press Start, or follow a link that carries `payload`; takes back a block."""
        chat = self._messenger.begin(bot, self.person)
        chat.started = True
        self._messenger.block(chat, self.person, False)
        return self.type(bot, f"/start {payload}".strip())

    def type(self, bot: BotAccount, text: str, reply_to: int | None = None) -> int:
        """Send a text, maybe as the reply to a message."""
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
        if message_id is None and any(label_or_data in label for label in self.keyboard(bot)):
            self.press_key(bot, label_or_data)
            return ""
        labels = [button.label for post in posts for row in post.rows for button in row] + self.keyboard(bot)
        raise LookupError(f"{self.name} sees no button “{label_or_data}”. There are: {labels or 'none'}.")

    def press_key(self, bot: BotAccount, label: str) -> int:
        """Press a button of the reply keyboard, which types its label or shares the place."""
        chat = self._open(bot)
        keys = [key for row in chat.keyboard.rows for key in row] if chat.keyboard else []
        key = next((key for key in keys if label in key.label), None)
        if chat.keyboard is None or key is None:
            raise LookupError(f"{self.name} sees no key “{label}”. There are: {self.keyboard(bot) or 'none'}.")
        if chat.keyboard.once:
            chat.keyboard = None
            self._messenger.told("chat", chat)
        return self.share_place(bot, self.place.lat, self.place.lon) if key.asks_place else self.type(bot, key.label)

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
        """Send a picture."""
        return self._send(bot, Kind.PHOTO, caption, file=bot.files.keep("photo", data))

    def voice(self, bot: BotAccount, data: bytes, seconds: int = 3) -> int:
        """Send a spoken message."""
        return self._send(bot, Kind.VOICE, file=bot.files.keep("voice", data, seconds=seconds))

    def document(self, bot: BotAccount, data: bytes, name: str, caption: str = "") -> int:
        """Send a file as it is."""
        return self._send(bot, Kind.DOCUMENT, caption, file=bot.files.keep("document", data, name=name))

    def block(self, bot: BotAccount) -> None:
        """The bot is told, and every call to this chat is refused."""
        self._messenger.block(self._messenger.begin(bot, self.person), self.person, True)

    def unblock(self, bot: BotAccount) -> None:
        """Take the block back."""
        self._messenger.block(self._messenger.begin(bot, self.person), self.person, False)

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

    def _follow(self, url: str) -> None:
        if link := DEEP_LINK.match(url):
            username, payload = link[1] or link[3], link[2] or link[4]
            for bot in self._messenger.bots.values():
                if bot.username.lower() == username.lower():
                    self.start(bot, payload or "")


def _find(posts: list[Post], label_or_data: str) -> tuple[Post, Button] | None:
    for post in posts:
        for row in post.rows:
            for button in row:
                if label_or_data == button.data or label_or_data in button.label:
                    return post, button
    return None
