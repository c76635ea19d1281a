"""Reading a length of time as people type it: "1h", "1h30", "45 min", "2 days", in six languages."""

import re
from datetime import timedelta

from .folding import fold

UNITS = {
    timedelta(minutes=1): (
        "m min mins minute minutes minuto minutos мин минута минуту минуты минут دقيقة دقيقه دقائق دقيقتين د"
    ),
    timedelta(hours=1): ("h hr hrs hour hours hora horas heure heures ч час часа часов ساعة ساعه ساعات ساعتين س"),
    timedelta(days=1): "d day days dia dias día días j jour jours д день дня дней сут сутки يوم يوما أيام ايام يومين",
}
UNIT = {fold(word): unit for unit, words in UNITS.items() for word in words.split()}
PART = re.compile(r"(\d{1,4})\s*([^\W\d_]+)\.?")
HOURS = "|".join(word for word, unit in UNIT.items() if unit == timedelta(hours=1))
SHORT = re.compile(rf"(\d{{1,3}})(?::|\s*(?:{HOURS})\s*)([0-5]?\d)")  # "1:30", "1h30"


def read_duration(text: str) -> timedelta | None:
    """The length that `text` names, above zero; None when it names none."""
    folded = fold(text)
    short = SHORT.fullmatch(folded)
    if short:
        return timedelta(hours=int(short[1]), minutes=int(short[2])) or None
    return _sum(folded)


def _sum(text: str) -> timedelta | None:
    """The sum of "1h 30m"; None when anything in it is neither number nor unit, or when it comes to nothing."""
    parts = PART.findall(text)
    left = PART.sub("", text)
    if not parts or left.strip(" ,.+") or any(unit not in UNIT for _, unit in parts):
        return None
    return sum((int(number) * UNIT[unit] for number, unit in parts), timedelta()) or None
