"""A first look at an update as plain JSON: whose it is, and whether it calls for help.

It expects nothing of what it is given and never raises: an update that the library cannot decode may still be a call.
"""

import re
from collections.abc import Iterator, Mapping

from engine.door import Glance

from .panic import PRESS, CallsForHelp

START = re.compile(r"/start(?:@\w+)?\s+(?P<code>\S.{0,63})", re.DOTALL | re.IGNORECASE)
WRITTEN = ("message", "edited_message")
SHARED = ("group", "supergroup", "channel")
LARGEST_ID = 2**52  # Bot API, User.id: "at most 52 significant bits"
KINDS = (*WRITTEN, "callback_query", "my_chat_member")


def glance(update: object, calls: CallsForHelp) -> Glance:
    """What `update` is, as far as it can be told."""
    whole = _table(update)
    press = _table(whole.get("callback_query"))
    texts = [text for kind in WRITTEN for text in _texts(_table(whole.get(kind)))]
    return Glance(
        chat=next((chat for part in _parts(whole) if (chat := _private_chat(part)) is not None), None),
        urgent=press.get("data") == PRESS or any(calls.hears(text) for text in texts),
        code=next((code for text in _texts(_table(whole.get("message"))) if (code := _code(text)) is not None), None),
        press=found if isinstance(found := press.get("id"), str) else None,
        elsewhere=any(_is_shared(part) for part in _parts(whole)),
    )


def _table(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}


def _texts(message: Mapping[object, object]) -> list[str]:
    return [text for text in (message.get("text"), message.get("caption")) if isinstance(text, str)]


def _code(text: str) -> str | None:
    start = START.fullmatch(text.strip())
    return start["code"].strip() if start else None


def _parts(update: Mapping[object, object]) -> Iterator[Mapping[object, object]]:
    """Where a chat may stand: in the kinds we know first, then in whatever else came."""
    for kind in (*KINDS, *(key for key in update if key not in KINDS)):
        part = _table(update.get(kind))
        yield part
        yield _table(part.get("message"))


def _private_chat(part: Mapping[object, object]) -> str | None:
    """The private chat of a message or a press. One that came from a group has none, whoever sent it."""
    if _is_shared(part) or _is_shared(_table(part.get("message"))):
        return None
    return _person(_table(part.get("chat")).get("id")) or _person(_table(part.get("from")).get("id"))


def _is_shared(part: Mapping[object, object]) -> bool:
    return _table(part.get("chat")).get("type") in SHARED


def _person(value: object) -> str | None:
    """A person's id, which is a whole number above zero; a group's is below."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID:
        return str(value)
    return None
