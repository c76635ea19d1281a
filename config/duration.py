"""Durations as people write them in a settings file: "90s", "10m", "2h", "3d", and "-60m" where before counts too."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
WRITTEN = re.compile(r"(-?)([0-9]{1,4})([smhd])")  # four digits keep every sum of them within what a date can hold


def read_duration(written: object) -> timedelta:
    """The duration that `written` says. Raises ValueError, with a sentence, for anything else."""
    found = WRITTEN.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise PydanticCustomError("duration", 'write a duration such as "90s", "10m", "2h" or "3d".')
    sign, number, unit = found.groups()
    length = timedelta(**{UNITS[unit]: int(number)})
    return -length if sign else length


def write_duration(length: timedelta) -> str:
    """`length`, of whole seconds, in the largest unit that says it exactly."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s" if seconds else "0m"


def _not_negative(length: timedelta) -> timedelta:
    if length < timedelta():
        raise PydanticCustomError("duration", 'write a duration without the minus, such as "10m".')
    return length


def _above_zero(length: timedelta) -> timedelta:
    if length <= timedelta():
        raise PydanticCustomError("duration", 'write a duration above zero, such as "10m".')
    return length


Offset = Annotated[timedelta, BeforeValidator(read_duration)]
Later = Annotated[Offset, AfterValidator(_not_negative)]
Wait = Annotated[Offset, AfterValidator(_above_zero)]
