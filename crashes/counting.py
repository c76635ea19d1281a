"""Counting at the messenger, and nowhere else: which alarms came, which came twice, and which of those did not say so.

An alarm names the defender it is about in its first line. The second has its number where it is a repeat of the call
("repeat 2"); a message that may have come before says so in words. Whoever hears the same number about the same
defender again, and is not told, was told twice without being told so. Changes of a message are no messages.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from bench.messenger import Heard, Messenger
from config.texts import Texts

from .storms import name_of

NAME = re.compile(r"Ana\d{5}")


@dataclass(frozen=True, slots=True)
class Count:
    """How many alarms never came; came twice and said so; came twice and did not. `notices` are others that came twice
    and did not say so."""

    due: int = 0
    lost: int = 0
    marked: int = 0
    unmarked: int = 0
    notices: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.due + other.due,
            self.lost + other.lost,
            self.marked + other.marked,
            self.unmarked + other.unmarked,
            self.notices + other.notices,
        )

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, and nobody was told twice without being told so."""
        return not (self.lost or self.unmarked or self.notices)


def has_come(messenger: Messenger, calls: Iterable[tuple[int, int]]) -> bool:
    """Whether all of these alarms have come."""
    return not lost(messenger, calls)


def lost(messenger: Messenger, calls: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Which of these alarms have not come."""
    missing = []
    heard: dict[int, set[str]] = {}
    for chat, number in calls:
        if chat not in heard:
            heard[chat] = {about for message in messenger.heard.get(chat, ()) if (about := _alarm_about(message))}
        if name_of(number) not in heard[chat]:
            missing.append((chat, number))
    return missing


def count(messenger: Messenger, calls: list[tuple[int, int]]) -> Count:
    """What became of these alarms."""
    marked = unmarked = notices = 0
    for chat in list(messenger.heard):
        seen: Counter[object] = Counter()
        for message in messenger.heard[chat]:
            if message.edit:
                continue
            about, says_so = _alarm_about(message), any(words in message.text for words in _marks())
            key: object = (about, _times(message)) if about else message.text
            seen[key] += 1
            if seen[key] > 1 and says_so:
                marked += 1
            elif seen[key] > 1 and about:
                unmarked += 1
            elif seen[key] > 1:
                notices += 1
    return Count(len(calls), len(lost(messenger, calls)), marked, unmarked, notices)


def first_after(messenger: Messenger, moment: float) -> float | None:
    """When, after `moment` (as `time.monotonic` counts), the first alarm was taken; None when none was."""
    moments = [
        message.at
        for messages in list(messenger.heard.values())
        for message in messages
        if message.at >= moment and _alarm_about(message)
    ]
    return min(moments, default=None)


def _alarm_about(message: Heard) -> str | None:
    """The name of whom an alarm is about; None for any other message."""
    first = message.text.partition("\n")[0]
    found = NAME.search(first)
    if message.edit or found is None or not any(is_heading(first) for is_heading in _headings()):
        return None
    return found[0]


def _times(message: Heard) -> str:
    """The number of a repeat, as it says."""
    head = message.text.split("\n\n")[0]
    found = _repeat().search(head)
    return found[1] if found else "1"


@cache
def _texts() -> Texts:
    return Texts()


@cache
def _marks() -> tuple[str, ...]:
    return tuple(_texts().say("en", f"{side}.maybe_repeat") for side in ("responder", "defender"))


@cache
def _repeat() -> "re.Pattern[str]":
    before, _, after = _texts().say("en", "responder.repeat", times="NUMBER").partition("NUMBER")
    return re.compile(re.escape(before) + r"(\d+)" + re.escape(after))


@cache
def _headings() -> tuple[Callable[[str], bool], ...]:
    found = []
    for kind in ("missed", "panic"):
        before, _, after = _texts().say("en", f"responder.heading.{kind}", name="NAME").partition("NAME")
        found.append(re.compile(f"{re.escape(before)}.*Ana\\d{{5}}.*{re.escape(after)}").search)
    return tuple(lambda line, search=search: search(line) is not None for search in found)
