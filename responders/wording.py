"""Words for one reader: the catalogue in their language, times by their clock, and other people's words made harmless.

What comes from people (names, texts) is cut to length, stripped of characters that turn the writing direction, and
isolated where it would disturb the line; HTML is escaped last and for everything alike, so texts and names are plain.
"""

import html
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time

from engine.discreet import Discreet
from engine.letter import Letter, Words

LONGEST_NAME = 48  # an alias, not a text; lengths are in UTF-16 units, as the Bot API counts
LONGEST_TEXT = 3500  # leaves room for what stands around it in a message of 4096
RIGHT_TO_LEFT = frozenset({"ar"})
TURNS_LINES = frozenset({"R", "AL", "AN"})  # bidirectional classes, Unicode Annex 9
STEERS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
MARKS = frozenset("\u200e\u200f\u061c")
ISOLATE, END = "\u2068", "\u2069"


class Say(Protocol):
    """The catalogue: the text `key` in `language`, with `words` filled in. Raises KeyError for an unknown key."""

    def __call__(self, language: str, key: str, /, *, count: int | None = None, **words: object) -> str: ...


@dataclass(frozen=True, slots=True, repr=False)
class Reader(Discreet):
    """Who reads: `today` is an instant of the reader's present day, None where it is not known."""

    say: Say
    language: str
    zone: str
    today: datetime | None = None

    def text(self, key: str, *, count: int | None = None, **words: object) -> str:
        """The text `responder.<key>`, as plain characters."""
        return self.say(self.language, f"responder.{key}", count=count, **words)

    def name(self, name: object) -> str:
        """A person's name, safe to stand in a line."""
        return self._kept_apart(" ".join(str(name).split()), LONGEST_NAME)

    def quote(self, text: object, most: int = LONGEST_TEXT) -> str:
        """A text that somebody wrote, of one or more lines; what is longer than `most` ends in "…"."""
        lines = str(text).splitlines()
        spare = min(2 * len(lines), most // 2)  # for the marks around each line
        return "\n".join(self._kept_apart(line, most) for line in _cut("\n".join(lines), most - spare).splitlines())

    def time(self, instant: datetime | str, zone: str | None = None) -> str:
        """The time by the reader's clock (or that of `zone`), with the day unless it is today."""
        when = _instant(instant)
        there, locale = _zone(zone or self.zone), _locale(self.language)
        local = when.astimezone(there)
        clock = str(format_time(local, "HH:mm", locale=locale))
        if self.today is not None and self.today.astimezone(there).date() == local.date():
            return clock
        return f"{format_skeleton('MMMEd', local, locale=locale)}, {clock}"

    def list(self, names: list[str]) -> str:
        """Names joined as the language joins them."""
        if len(names) < 2:
            return "".join(names)
        return self.text("and", first=", ".join(names[:-1]), last=names[-1])

    def _kept_apart(self, text: str, most: int) -> str:
        shown = _cut(plain(text), most)
        turns = self.language in RIGHT_TO_LEFT or any(unicodedata.bidirectional(char) in TURNS_LINES for char in shown)
        return f"{ISOLATE}{shown}{END}" if shown and turns else shown


def reader_of(letter: Letter, say: Say) -> Reader:
    """The reader of this letter, on the day on which it is sent."""
    return Reader(say, letter.language, letter.zone, letter.incident.at if letter.incident else None)


def language_name(language: str) -> str:
    """What a language calls itself, with a capital where it has them."""
    own = Locale.parse(language).get_display_name(language) or language
    return own[:1].upper() + own[1:]


def plain(text: str) -> str:
    """A line without what would change the direction or the shape of what stands around it."""
    return "".join(char for char in text if not _steers(char))


def escaped(text: str) -> str:
    """Plain characters as HTML."""
    return html.escape(text, quote=False)


def kept_as_it_is(text: str) -> str:
    """Plain characters as HTML that keeps every space and line, to be copied."""
    return f"<pre>{escaped(text)}</pre>"


def bold(text: str) -> str:
    """Plain characters as HTML in heavy type."""
    return f"<b>{escaped(text)}</b>"


def word(words: object, fallback: str = "") -> str:
    """A value of a letter's words as text; `fallback` for None."""
    return fallback if words is None else str(words)


def number(words: Words, fallback: int = 0) -> int:
    """A value of a letter's words as a whole number; `fallback` for anything else."""
    return words if isinstance(words, int) and not isinstance(words, bool) else fallback


def _zone(name: str) -> tzinfo:
    """The zone; UTC for a name that is none, for an alarm in another time is better than none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # whichever zoneinfo raises for a bad name
        return UTC


@cache
def _locale(language: str) -> Locale:
    """The language's habits; English ones where they are not known."""
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def _instant(instant: datetime | str) -> datetime:
    when = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def _cut(text: str, most: int) -> str:
    if len(text) * 2 <= most:
        return text
    units = text.encode("utf-16-le", "replace")
    return text if len(units) <= most * 2 else units[: (most - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _steers(char: str) -> bool:
    """Whether a character would change the direction or the shape of what stands around it, or is no character."""
    if char in MARKS or unicodedata.bidirectional(char) in STEERS:
        return True
    return unicodedata.category(char) in ("Cc", "Cs") and char != "\t"
