"""Turning a letter into the text of a message: instants in the reader's own time, numbers in words, nobody's name."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from babel.lists import format_list
from babel.units import format_unit

from engine.letter import Letter, Operation, Words

from .keys import CALL, HELP, SIGN, Say

INSTANTS = {"due_at", "alarm_at", "until", "now"}
KEYS = {"key_call": CALL, "key_help": HELP, "key_sign": SIGN}  # how a text names a key
WITHOUT = dict.fromkeys(
    ("defender.active", "defender.later_not_moved", "defender.pause_ended", "defender.times_set"), "due_at"
)  # another text where this is missing
LAST = "defender.later_moved"


def text_of(letter: Letter, say: Say) -> str:
    """What the letter says. Raises KeyError, TypeError or ValueError for a letter that makes no sense."""
    words: dict[str, Any] = {
        name: _shown(name, word, letter) for name, word in letter.words.items() if word is not None and name != "count"
    }
    if letter.template == "defender.confirm_zone":
        words |= _zones(letter)
    words |= {name: say(letter.language, key) for name, key in KEYS.items()}
    if letter.template == "defender.consent":
        words |= _consent(letter, say)
    text = say(letter.language, _key(letter), **words)
    if letter.maybe_repeat and letter.operation is Operation.SEND:
        text += "\n\n" + say(letter.language, "defender.maybe_repeat")
    return text


def clock_in(zone: str, instant: str, language: str) -> str:
    """The time of day that the clocks of `zone` show at `instant`, and the date."""
    local = datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))
    return f"{local:%H:%M} ({format_skeleton('MMMEd', local, locale=language)})"


def _key(letter: Letter) -> str:
    needed = WITHOUT.get(letter.template)
    if needed is not None and letter.words.get(needed) is None:
        return f"{letter.template}.resting"
    if letter.template == LAST and letter.words.get("last"):
        return f"{letter.template}.last"
    if letter.template == "defender.confirm_zone" and len(_listed(letter.words["zones"])) > 1:
        return f"{letter.template}.several"
    return letter.template


def _shown(name: str, word: Words, letter: Letter) -> object:
    if name in INSTANTS:
        return clock_in(str(letter.words.get("zone") or letter.zone), str(word), letter.language)
    if name == "times":
        times = sorted(time.fromisoformat(str(one)) for one in _listed(word))
        return format_list([f"{one:%H:%M}" for one in times], locale=letter.language)
    return word


def _zones(letter: Letter) -> dict[str, object]:
    zone = str(_listed(letter.words["zones"])[0])
    return {"zones": zone, "now": clock_in(zone, str(letter.words["now"]), letter.language)}


def _consent(letter: Letter, say: Say) -> dict[str, object]:
    """What will happen and to whom: numbers of people and lengths of time."""
    people = letter.words["at_once"]
    lines = [_tier(tier, letter.language, say) for tier in _listed(letter.words["tiers"])]
    return {
        "at_once": say(letter.language, "defender.people", count=int(str(people))),
        "tiers": "\n".join(lines),
    }


def _tier(tier: Words, language: str, say: Say) -> str:
    if not isinstance(tier, Mapping):
        raise TypeError("a tier is a table of role, people and after")
    people = say(language, f"defender.people.{tier['role']}", count=int(str(tier["people"])))
    after = timedelta(seconds=float(str(tier["after"])))
    if after <= timedelta():
        return say(language, "defender.consent.tier_at_once", people=people)
    return say(language, "defender.consent.tier", people=people, after=_length(after, language))


def _length(length: timedelta, language: str) -> str:
    minutes = round(length.total_seconds() / 60)
    parts = (
        (minutes // 1440, "duration-day"),
        (minutes // 60 % 24, "duration-hour"),
        (minutes % 60, "duration-minute"),
    )
    named = [_counted(number, unit, language) for number, unit in parts if number]
    return format_list(named or [_counted(0, "duration-minute", language)], locale=language)


def _counted(number: int, unit: str, language: str) -> str:
    """So many of a unit. Where Babel has no long form (days in Arabic) it would answer with the key."""
    long = format_unit(number, unit, locale=language)
    return format_unit(number, unit, "short", locale=language) if unit in long else long


def _listed(word: Words) -> list[Words]:
    if not isinstance(word, list):
        raise TypeError("a list was expected")
    return word
