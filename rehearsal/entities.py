"""Texts as they are shown: the messenger's HTML becomes plain text and entities, counted in UTF-16 units.

Source: Bot API, "Formatting options" (HTML style). What is not in that list is refused, as the real service does:
a bot that sends a stray `<` must fail here and not first in front of people.
"""

import re
from html import unescape
from html.parser import HTMLParser

from .refusals import Refused, bad_request

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "blockquote": "blockquote", "tg-spoiler": "spoiler", "a": "text_link", "span": "spoiler",
}  # fmt: skip
COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w+)?")
STRAY = re.compile(r"<(?!/?[a-zA-Z])")

Entities = list[dict[str, object]]


def units(text: str) -> int:
    """Length as the messenger counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def commands(text: str) -> Entities:
    """The bot commands in what a person typed."""
    if "/" not in text:
        return []
    return [
        {"type": "bot_command", "offset": units(text[: found.start()]), "length": units(found.group())}
        for found in COMMAND.finditer(text)
    ]


def parse(text: str, mode: str) -> tuple[str, Entities]:
    """The text people see and its entities. Raises Refused when `text` is not what `mode` says."""
    if not mode:
        return text.strip(), commands(text.strip())
    if mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    if "<" not in text and "&" not in text:
        return text.strip(), commands(text.strip())
    reader = _Reader()
    if stray := STRAY.search(text):
        raise _unreadable(f'unsupported start tag "" at byte offset {_bytes(text, stray.start())}')
    reader.feed(text)
    reader.close()
    if reader.open:
        raise _unreadable(f'can\'t find end tag corresponding to start tag "{reader.open[-1][0]}"')
    return "".join(reader.parts).rstrip(), sorted(reader.entities, key=_where)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, dict[str, str | None]]] = []
        self.entities: Entities = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise _unreadable(f'unsupported start tag "{tag}" at byte offset {self.getpos()[1]}')
        self.open.append((tag, self.length, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise _unreadable(f"unmatched end tag at byte offset {self.getpos()[1]}")
        _, begin, attributes = self.open.pop()
        if self.length == begin:
            return
        entity: dict[str, object] = {"type": TAGS[tag], "offset": begin, "length": self.length - begin}
        if tag == "a":
            entity["url"] = attributes.get("href") or ""
        self.entities.append(entity)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
        self.length += units(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self.handle_data(unescape(f"&#{name};"))


def _where(entity: dict[str, object]) -> tuple[int, int]:
    return int(str(entity["offset"])), -int(str(entity["length"]))


def _bytes(text: str, index: int) -> int:
    return len(text[:index].encode())


def _unreadable(why: str) -> Refused:
    return bad_request(f"can't parse entities: {why}")
