"""A first look at an update, as plain dictionaries: whose it is, and whether it is a start or a press.

Never raises, whatever came; the library's strict reading comes later."""

from collections.abc import Mapping

from engine.door import Glance, Update

LONGEST_CODE = 64  # characters; Bot API, deep linking
MESSAGES = ("message", "edited_message")
SHARED = ("group", "supergroup", "channel")


def glance(update: Update) -> Glance:
    """Whose private chat this came from; see `engine.door.Door.glance`. Nothing from a responder is urgent."""
    query = _part(update, "callback_query")
    if query:
        chat = _private(query.get("message")) or _person(query.get("from"))
        return Glance(chat, press=_text(query.get("id")), button=_text(query.get("data")))
    for name in MESSAGES:
        message = _part(update, name)
        if message:
            code = _code(message.get("text")) if name == "message" else None
            return Glance(_private(message), code=code, elsewhere=_is_shared(update))
    return Glance(_private(_part(update, "my_chat_member")), elsewhere=_is_shared(update))


def _is_shared(update: Update) -> bool:
    return any(_part(part, "chat").get("type") in SHARED for part in update.values())


def _part(parts: object, name: str) -> Mapping[str, object]:
    part = parts.get(name) if isinstance(parts, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _private(message: object) -> str | None:
    chat = _part(message, "chat")
    return _number(chat.get("id")) if chat.get("type") == "private" else None


def _person(person: object) -> str | None:
    return _number(person.get("id")) if isinstance(person, Mapping) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 63 else None


def _code(text: object) -> str | None:
    words = text.split() if isinstance(text, str) else []
    if len(words) == 2 and words[0].lower() == "/start" and len(words[1]) <= LONGEST_CODE:
        return words[1]
    return None
