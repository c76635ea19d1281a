"""How the messenger's records look in the Bot API: users, chats, messages and updates as JSON objects.

Only fields that the stage knows are given; both client libraries decode strictly, so what is here is what they need.
"""

from datetime import datetime

from .accounts import BotAccount, Chat, Person
from .files import StoredFile
from .keyboards import show_rows
from .messages import Kind, Place, Post

Json = dict[str, object]


def stamp(when: datetime) -> int:
    """Seconds since 1970, as the Bot API dates things."""
    return int(when.timestamp())


def bot_user(bot: BotAccount) -> Json:
    """A bot as a User."""
    return {"id": bot.id, "is_bot": True, "first_name": bot.name, "username": bot.username}


def me(bot: BotAccount) -> Json:
    """The answer of getMe."""
    return {
        **bot_user(bot),
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def user(person: Person) -> Json:
    """A person as a User."""
    return {"id": person.id, "is_bot": False, "first_name": person.name, "language_code": person.language}


def chat_of(chat: Chat) -> Json:
    """A Chat."""
    if chat.person is not None:
        return {"id": chat.id, "type": "private", "first_name": chat.person.name}
    return {"id": chat.id, "type": "supergroup" if chat.id < -1_000_000_000_000 else "group", "title": chat.title}


def full_chat(chat: Chat) -> Json:
    """The answer of getChat."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return {
        **chat_of(chat),
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


def message(post: Post, chat: Chat, *, with_reply: bool = True) -> Json:
    """A Message; the one it replies to is shown without its own reply."""
    sender = bot_user(chat.bot) if post.from_bot or chat.person is None else user(chat.person)
    shown: Json = {
        "message_id": post.id,
        "from": sender,
        "chat": chat_of(chat),
        "date": stamp(post.sent_at),
    }
    if post.edited_at is not None:
        shown["edit_date"] = stamp(post.edited_at)
    if post.kind is Kind.TEXT:
        shown["text"] = post.text
        if post.entities:
            shown["entities"] = post.entities
    elif post.place is not None:
        shown["location"] = place(post.place)
    elif post.file is not None:
        shown[post.kind.value] = [picture(post.file)] if post.kind is Kind.PHOTO else document(post.file)
        if post.text:
            shown["caption"] = post.text
            if post.entities:
                shown["caption_entities"] = post.entities
    if post.rows:
        shown["reply_markup"] = show_rows(post.rows)
    if post.reply_to is not None and with_reply:
        shown["reply_to_message"] = message(post.reply_to, chat, with_reply=False)
    if post.origin is not None:
        shown["forward_origin"] = post.origin
    if post.protected:
        shown["has_protected_content"] = True
    return shown


def place(where: Place) -> Json:
    """A Location."""
    shown: Json = {"latitude": where.lat, "longitude": where.lon}
    if where.live_seconds:
        shown["live_period"] = where.live_seconds
    if where.heading:
        shown["heading"] = where.heading
    return shown


def picture(file: StoredFile) -> Json:
    """A PhotoSize."""
    return {**file_head(file), "width": file.width, "height": file.height}


def document(file: StoredFile) -> Json:
    """A Voice or Document."""
    shown = {**file_head(file), "mime_type": file.mime}
    if file.kind == "voice":
        shown["duration"] = file.seconds
    elif file.name:
        shown["file_name"] = file.name
    return shown


def file_head(file: StoredFile) -> Json:
    """What every kind of file has."""
    return {"file_id": file.id, "file_unique_id": file.unique_id, "file_size": file.size}


def callback_query(query_id: str, chat: Chat, person: Person, post: Post, data: str) -> Json:
    """A CallbackQuery: the press of a button under `post`."""
    return {
        "id": query_id,
        "from": user(person),
        "message": message(post, chat),
        "chat_instance": str(chat.id ^ chat.bot.id),
        "data": data,
    }


def my_chat_member(chat: Chat, person: Person, now: datetime) -> Json:
    """What a bot is told when a person has blocked it, or no longer does."""
    gone: Json = {"user": bot_user(chat.bot), "status": "kicked", "until_date": 0}
    here: Json = {"user": bot_user(chat.bot), "status": "member"}
    return {
        "chat": chat_of(chat),
        "from": user(person),
        "date": stamp(now),
        "old_chat_member": here if chat.blocked else gone,
        "new_chat_member": gone if chat.blocked else here,
    }


def forwarded_origin(post: Post, chat: Chat) -> Json:
    """Where a forwarded message comes from."""
    sender = bot_user(chat.bot) if post.from_bot or chat.person is None else user(chat.person)
    return post.origin or {"type": "user", "date": stamp(post.sent_at), "sender_user": sender}
