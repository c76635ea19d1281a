"""One answer of the messenger taken apart into single updates, so that a bad one spoils only itself."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

UPDATE_START = re.compile(rb'\{\s*"update_id"\s*:\s*(\d{1,18})')


class NotAnAnswer(Exception):
    """The body is not an answer of the messenger at all."""


@dataclass(frozen=True, slots=True)
class RawUpdate:
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
    return content if isinstance(content, dict) else None


def _whole(item: object) -> RawUpdate | None:
    if not isinstance(item, dict) or not isinstance(item.get("update_id"), int):
        return None
    return RawUpdate(item["update_id"], json.dumps(item, ensure_ascii=True, separators=(",", ":")).encode(), item)


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
