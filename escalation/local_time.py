"""Wall clock times in a place, turned into instants.

A time that does not exist on the day the clocks go forward becomes the first instant that does; a time that comes
twice on the day they go back is its first coming. Python's `fold` (PEP 495) answers the second; the first is found
here.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS_SEARCHED = 4  # days; one agreed time a day always falls within two, and whole days can be missing (Samoa, 2011)


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The UTC instant at which clocks in `zone` show `wall` on `day`."""
    local = datetime.combine(day, wall.replace(fold=0, tzinfo=None, microsecond=0), tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None, fold=0) == local.replace(tzinfo=None):
        return moment
    return _end_of_gap(local.replace(fold=1).astimezone(UTC), moment, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant, to the second, between `before` and `after` at which the offset of `zone` changes."""
    offset_before = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset_before:
            before = middle
        else:
            after = middle
    return after


def next_instant(times: tuple[time, ...], zone: ZoneInfo, after: datetime) -> datetime:
    """The first instant strictly later than `after` at which one of `times` (never empty) strikes in `zone`."""
    first_day = after.astimezone(zone).date() - timedelta(days=1)
    return min(moment for moment in _strikes(times, zone, first_day) if moment > after)


def previous_instant(times: tuple[time, ...], zone: ZoneInfo, before: datetime) -> datetime:
    """The last instant strictly earlier than `before` at which one of `times` (never empty) struck in `zone`."""
    first_day = before.astimezone(zone).date() - timedelta(days=DAYS_SEARCHED - 2)
    return max(moment for moment in _strikes(times, zone, first_day) if moment < before)


def _strikes(times: tuple[time, ...], zone: ZoneInfo, first_day: date) -> Iterator[datetime]:
    for ahead in range(DAYS_SEARCHED):
        for wall in times:
            yield instant(first_day + timedelta(days=ahead), wall, zone)
