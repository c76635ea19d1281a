"""One answer of the messenger taken apart into single updates, so that a bad one spoils only itself."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

from .discreet import Discreet

DEEPEST = 64  # levels; an update of the messenger has about ten
LATEST = 2**36  # seconds; a message that is dated later (the year 4147) has no date
LARGEST_ID = 2**62  # of an update; our database takes no larger number
A_FEW = 100  # updates; as many as one answer has at most
NO_SIGN = re.compile(r"[\ud800-\udfff\x00]")
UPDATE_START = re.compile(rb'\{\s*"update_id"\s*:\s*(\d{1,18})')


class NotAnAnswer(Exception):
    """The body is not an answer of the messenger at all."""


@dataclass(frozen=True, slots=True, repr=False)
class RawUpdate(Discreet):
    """One update as bytes. `content` is None when they cannot be read."""

    update_id: int
    raw: bytes
    content: dict[str, Any] | None


def split(body: bytes) -> list[RawUpdate]:
    """The updates of an answer to getUpdates, in its order.

    Raises NotAnAnswer when not one can be found although the messenger says it has some."""
    try:
        result = json.loads(body)["result"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return _scavenge(body)
    if not isinstance(result, list):
        raise NotAnAnswer
    return [update for item in result if (update := _whole(item)) is not None]


def read_update(raw: bytes) -> dict[str, Any] | None:
    """One update from its bytes, None when they are not a JSON object."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return _shallow(content, DEEPEST) if isinstance(content, dict) else None


def in_sequence(updates: Iterable[RawUpdate], offset: int | None) -> Iterator[RawUpdate]:
    """The updates of an answer to `offset`, of which those that cannot be read have a number that they can have.

    The number in a torn update may itself be torn. One that is too high would confirm what nobody has seen, one that is
    too low would be fetched for ever. Each follows what came before it, by little; where what is read says otherwise,
    it gets the lowest number that is left, which is never above its own."""
    lowest = offset
    for update in updates:
        if update.content is None and lowest is not None and not lowest <= update.update_id < lowest + A_FEW:
            update = replace(update, update_id=lowest)
        lowest = max(lowest or 0, update.update_id + 1)
        yield update


def read_brought(body: bytes) -> RawUpdate | None:
    """The one update that a messenger brings, readable or not; None when not even its number can be told."""
    content = read_update(body)
    if content is not None:
        number = _number(content.get("update_id"))
        return None if number is None else RawUpdate(number, body, content)
    numbered = UPDATE_START.search(body)
    return RawUpdate(int(numbered[1]), body, None) if numbered else None


def _whole(item: object) -> RawUpdate | None:
    number = _number(item.get("update_id")) if isinstance(item, dict) else None
    if number is None:
        return None
    content = _shallow(item, DEEPEST)
    return RawUpdate(number, json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode(), content)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST_ID else None


def _shallow(value: Any, levels: int) -> Any:
    """The value without what lies deeper than anything we read, and without signs that no text has (half of a pair,
    zero): whoever sends such a thing loses that part alone."""
    match value:
        case str():
            return NO_SIGN.sub("\N{REPLACEMENT CHARACTER}", value)
        case dict():
            return {key: _shallow(one, levels - 1) for key, one in value.items()} if levels else None
        case list():
            return [_shallow(one, levels - 1) for one in value] if levels else None
        case _:
            return value


def _scavenge(body: bytes) -> list[RawUpdate]:
    """Cut a broken answer at the beginnings of its updates and keep every piece, readable or not."""
    pieces = list(_pieces(body))
    if not pieces:
        raise NotAnAnswer
    return [RawUpdate(update_id, raw, read_update(raw)) for update_id, raw in pieces]


def _pieces(body: bytes) -> Iterator[tuple[int, bytes]]:
    starts = list(UPDATE_START.finditer(body))
    for found, following in zip_longest(starts, starts[1:]):
        piece = body[found.start() : following.start() if following else len(body)].rstrip()
        yield int(found[1]), piece.rstrip(b",") if following else _without_tail(piece)


def _without_tail(piece: bytes) -> bytes:
    """The last piece without the brackets that close the answer."""
    for end in (b"]}", b"]"):
        stripped = piece.removesuffix(end).rstrip()
        if read_update(stripped) is not None:
            return stripped
    return piece


def sent_at(update: Mapping[str, Any]) -> datetime | None:
    """When the messenger was given it or its newest change; None when it does not say."""
    for kind in ("message", "edited_message"):
        message = update.get(kind)
        said = [message.get("edit_date"), message.get("date")] if isinstance(message, dict) else []
        for seconds in said:
            if isinstance(seconds, int) and 0 < seconds < LATEST:
                return datetime.fromtimestamp(seconds, UTC)
    return None
