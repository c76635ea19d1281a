"""What the page is told about a phone: the messenger's records as small JSON objects, made for drawing.

The page is open to whoever sits at this machine; the bots never see any of this.
"""

import time
from urllib.parse import quote

from .accounts import BotAccount, Chat
from .files import StoredFile
from .messages import Keyboard, Post, Rows
from .phone import Phone

Json = dict[str, object]
LATEST = 200  # messages of a chat that a fresh page is given
FILES = "/stage/files"


def show_bot(bot: BotAccount) -> Json:
    """A bot as the page lists it."""
    about = bot.profile.short_descriptions.get("") or bot.profile.descriptions.get("")
    return {"id": bot.id, "username": bot.username, "name": bot.profile.names.get("") or bot.name, "about": about or ""}


def show_phone(phone: Phone, chats: list[Chat]) -> Json:
    """A phone with everything on it."""
    return {
        "id": phone.id,
        "name": phone.name,
        "language": phone.person.language,
        "badge": phone.person.badge,
        "place": {"lat": phone.place.lat, "lon": phone.place.lon},
        "chats": [
            {**show_chat(chat), "messages": [show_post(post, chat) for post in list(chat.posts.values())[-LATEST:]]}
            for chat in chats
        ],
    }


def show_chat(chat: Chat) -> Json:
    """A chat without its messages."""
    return {
        "bot": chat.bot.id,
        "started": chat.started,
        "blocked": chat.blocked,
        "keyboard": _keyboard(chat.keyboard),
        "typing": chat.typing_until > time.monotonic(),
    }


def show_post(post: Post, chat: Chat) -> Json:
    """One message, deleted or not; a deleted one keeps its place and says nothing."""
    shown: Json = {
        "id": post.id,
        "mine": not post.from_bot,
        "kind": post.kind,
        "at": post.sent_at.isoformat(),
        "edited": post.edited_at is not None,
        "deleted": not post.visible,
    }
    if not post.visible:
        return shown
    shown |= {"text": post.text, "entities": post.entities, "rows": _rows(post.rows), "reaction": post.reaction}
    shown |= {"protected": post.protected, "silent": post.silent, "forwarded": post.origin is not None}
    if post.file is not None:
        shown["file"] = _file(post.file, chat.bot)
    if post.place is not None:
        shown["place"] = {"lat": post.place.lat, "lon": post.place.lon, "live": post.place.live_seconds}
    if post.reply_to is not None:
        shown["reply"] = {"mine": not post.reply_to.from_bot, "text": post.reply_to.text or f"({post.reply_to.kind})"}
    return shown


def _rows(rows: Rows) -> list[list[Json]]:
    return [[{"label": button.label, "data": button.data, "url": button.url} for button in row] for row in rows]


def _keyboard(keyboard: Keyboard | None) -> Json | None:
    if keyboard is None:
        return None
    rows = [[{"label": key.label, "place": key.asks_place} for key in row] for row in keyboard.rows]
    return {"rows": rows, "placeholder": keyboard.placeholder}


def _file(file: StoredFile, bot: BotAccount) -> Json:
    return {
        "url": f"{FILES}/{bot.id}/{quote(file.path)}",
        "name": file.name,
        "size": file.size,
        "seconds": file.seconds,
        "width": file.width,
        "height": file.height,
    }
