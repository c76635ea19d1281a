"""What is wrong with a ladders file, all of it at once: where each fault is, and one sentence that says what to do.

The file is looked at as it was read, before anything is known to be right; what cannot be read is passed over here,
for its own table tells of it.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .duration import read_duration, write_duration

ALARMS = ("panic", "duress", "drill")  # counted from the moment they come; a missed check-in from its due time

SAID_PLAINLY = {  # what pydantic calls a fault: what to do about it
    "missing": "add this; the ladders.toml that comes with Tocsin shows how.",
    "extra_forbidden": "this is not known here: correct its spelling or remove it.",
    "bool_type": "write true or false.",
    "int_type": "write a whole number without quotes.",
    "string_type": "write this in quotes.",
    "tuple_type": "write a list in square brackets.",
    "dict_type": "write a table with a name in front of each entry.",
    "model_type": "write a table.",
    "string_pattern_mismatch": "use small letters, digits, - and _, at most 32 of them and a letter first.",
    "literal_error": "write one of {expected}.",
    "greater_than_equal": "write a number of at least {ge}.",
    "less_than_equal": "write a number of at most {le}.",
}


def faults_of_values(error: ValidationError) -> Iterator[str]:
    """What each value is by itself and should not be. No value of the file is in it."""
    for fault in error.errors(include_url=False, include_input=False):
        yield f"{_where(fault['loc'])}: {_what_to_do(fault)}"


def _where(location: tuple[int | str, ...]) -> str:
    parts = [f", entry {part + 1}" if isinstance(part, int) else f".{part}" for part in location]
    return "".join(parts).lstrip(".") or "the file"


def _what_to_do(fault: ErrorDetails) -> str:
    plain = SAID_PLAINLY.get(fault["type"])
    return plain.format(**fault.get("ctx", {})) if plain else fault["msg"]


def faults_between_values(file: Mapping[str, object]) -> Iterator[str]:
    """What values say to each other and should not."""
    chains = {name: len(tiers) for name, tiers in _table(file, "chains").items() if isinstance(tiers, list)}
    for kind in ALARMS:
        yield from _of_alarm(_table(file, kind), kind, chains)
    for name in _table(file, "profiles"):
        profile = _table(file, "profiles", name)
        yield from _of_missed(profile, f"profiles.{name}", chains)
        if profile.get("one_tap") is True and profile.get("slips") == "silent":
            yield f"profiles.{name}.slips: take this out, or one_tap: whoever has the phone checks in by one tap."
        for kind in ALARMS:
            yield from _of_alarm(_table(profile, kind), f"profiles.{name}.{kind}", chains)


def _of_alarm(ladder: Mapping[str, object], where: str, chains: Mapping[str, int]) -> Iterator[str]:
    first = next(iter(_durations(ladder.get("tiers"))), None)
    if first is not None and first != timedelta():
        yield f'{where}.tiers: begin with "0m", for the first tier is called at once.'
    yield from _too_short(ladder, where, chains)


def _of_missed(profile: Mapping[str, object], where: str, chains: Mapping[str, int]) -> Iterator[str]:
    ladder = _table(profile, "missed")
    grace = next(iter(_durations([profile.get("grace")])), None)
    if grace is not None and grace > timedelta():
        written = write_duration(grace)
        if any(reminder >= grace for reminder in _durations(profile.get("reminders"))):
            yield f'{where}.reminders: keep them before the grace of "{written}" is over, for then others are asked.'
        if any(first != grace for first in _durations(ladder.get("tiers"))[:1]):
            yield f'{where}.missed.tiers: begin with "{written}", the grace, for that is when the first tier is asked.'
        for role, after in _table(ladder, "overseers").items():
            if any(early < grace for early in _durations([after])):
                yield f'{where}.missed.overseers.{role}: write "{written}" or more, for nobody is asked in the grace.'
    yield from _too_short(ladder, f"{where}.missed", chains)


def _too_short(ladder: Mapping[str, object], where: str, chains: Mapping[str, int]) -> Iterator[str]:
    offsets = ladder.get("tiers")
    for name, tiers in chains.items():
        if isinstance(offsets, list) and 0 < len(offsets) < tiers:
            yield f"{where}.tiers: write {tiers} offsets, one for each tier of chains.{name}."


def _table(holder: Mapping[str, object], *names: str) -> Mapping[str, object]:
    for name in names:
        inner = holder.get(name)
        holder = inner if isinstance(inner, dict) else {}
    return holder


def _durations(written: object) -> list[timedelta]:
    try:
        return [read_duration(one) for one in written] if isinstance(written, list) else []
    except ValueError:
        return []
