"""Reading the times of day at which somebody wants to check in: "9:00 21:00", "9am and 9pm", "21h30"."""

import re
from datetime import time

from .folding import fold

MOST = 8  # check-ins a day; more would be noise that hides a missed one
TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:\s?[:.h]\s?(?P<minute>\d{2})(?!\d)|(?P<tight>\d{2}))?"
    r"\s*(?P<half>a\.?m\.?|p\.?m\.?|ص|م)?\s*(?:hours|horas|heures|hrs|uhr|h|ч)?(?![^\W_])"
)
BETWEEN = {
    fold(word) for word in ["and", "at", "y", "e", "et", "a", "à", "as", "às", "les", "las", "и", "в", "و", "في"]
}


def read_times(text: str) -> tuple[time, ...] | None:
    """The times that `text` names, each once, in the order of the day; None when it names none or anything else."""
    folded = fold(text)
    between = TIME.sub(" ", folded)
    if any(word not in BETWEEN for word in re.split(r"[\s,;/&+–—-]+", between) if word.strip(".")):
        return None
    times = [_time(found) for found in TIME.finditer(folded)]
    if not 0 < len(times) <= MOST or None in times:
        return None
    return tuple(sorted({when for when in times if when is not None}))


def _time(found: re.Match[str]) -> time | None:
    hour, minute = int(found["hour"]), int(found["minute"] or found["tight"] or 0)
    half = (found["half"] or "").replace(".", "")
    if half in ("am", "pm", "ص", "م"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in ("pm", "م") else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
