"""Wall clock times in real zones, on the days on which the clocks are moved and on all others."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.local_time import instant, next_instant, previous_instant
from tests.heart.cast import at
from tests.heart.strategies import ZONES, wall_times

DAYS = st.dates(date(1975, 1, 1), date(2036, 12, 31))
MOMENTS = st.datetimes(datetime(1975, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("zone", "day", "wall", "expected"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T03:00+02:00"),
        ("America/New_York", date(2026, 3, 8), time(2, 0), "2026-03-08T03:00-04:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-04T02:30+11:00"),  # half an hour is missing
        ("Africa/Casablanca", date(2026, 3, 22), time(2, 59), "2026-03-22T03:00+01:00"),  # Ramadan is over
        ("Asia/Tehran", date(2021, 3, 22), time(0, 30), "2021-03-22T01:00+04:30"),  # it was done at midnight
        ("America/Havana", date(2026, 3, 8), time(0, 0), "2026-03-08T01:00-04:00"),
        ("Pacific/Apia", date(2011, 12, 30), time(9, 0), "2011-12-31T00:00+14:00"),  # a day that never was
    ],
)
def test_a_time_that_does_not_exist_is_the_first_instant_that_does(
    zone: str, day: date, wall: time, expected: str
) -> None:
    assert instant(day, wall, ZoneInfo(zone)) == at(expected)


@pytest.mark.parametrize(
    ("zone", "day", "wall", "expected"),
    [
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T02:30+02:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 0), "2026-11-01T01:00-04:00"),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), "2026-04-05T01:45+11:00"),
        ("Africa/Casablanca", date(2026, 2, 15), time(2, 30), "2026-02-15T02:30+01:00"),  # Ramadan begins
        ("Asia/Tehran", date(2021, 9, 21), time(23, 30), "2021-09-21T23:30+04:30"),
    ],
)
def test_a_time_that_comes_twice_is_its_first_coming(zone: str, day: date, wall: time, expected: str) -> None:
    assert instant(day, wall, ZoneInfo(zone)) == at(expected)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Kathmandu", "2026-03-02T09:00+05:45"),
        ("Asia/Kolkata", "2026-03-02T09:00+05:30"),
        ("Pacific/Chatham", "2026-03-02T09:00+13:45"),
        ("Australia/Eucla", "2026-03-02T09:00+08:45"),
    ],
)
def test_zones_need_not_be_whole_hours_away(zone: str, expected: str) -> None:
    assert instant(date(2026, 3, 2), time(9), ZoneInfo(zone)) == at(expected)


@given(DAYS, wall_times(), st.sampled_from(ZONES))
def test_clocks_show_the_time_that_was_meant_or_jump_over_it(day: date, wall: time, name: str) -> None:
    zone = ZoneInfo(name)
    meant = datetime.combine(day, wall)

    moment = instant(day, wall, zone)

    shown = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    just_before = (moment - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None)
    assert shown == meant or just_before < meant < shown


@given(DAYS, wall_times(), st.sampled_from(ZONES))
def test_no_earlier_instant_shows_the_same_time(day: date, wall: time, name: str) -> None:
    zone = ZoneInfo(name)

    moment = instant(day, wall, zone)

    meant = datetime.combine(day, wall)
    earlier = [moment - timedelta(minutes=step * 15) for step in range(1, 13)]
    assert all(one.astimezone(zone).replace(tzinfo=None) != meant for one in earlier)


@given(st.lists(wall_times(), min_size=1, max_size=4).map(tuple), st.sampled_from(ZONES), MOMENTS)
def test_the_next_instant_is_later_and_within_two_days(walls: tuple[time, ...], name: str, moment: datetime) -> None:
    following = next_instant(walls, ZoneInfo(name), moment)

    assert moment < following <= moment + timedelta(days=2)


@given(st.lists(wall_times(), min_size=1, max_size=4).map(tuple), st.sampled_from(ZONES), MOMENTS)
def test_nothing_strikes_between_an_instant_and_the_next(walls: tuple[time, ...], name: str, moment: datetime) -> None:
    zone = ZoneInfo(name)

    following = next_instant(walls, zone, moment)

    assert previous_instant(walls, zone, following) <= moment
    assert next_instant(walls, zone, previous_instant(walls, zone, following)) == following


def test_the_day_that_never_was_is_passed_over() -> None:
    apia = ZoneInfo("Pacific/Apia")

    following = next_instant((time(9),), apia, at("2011-12-29T09:00-10:00"))

    assert following == at("2011-12-31T00:00+14:00")
    assert next_instant((time(9),), apia, following) == at("2011-12-31T09:00+14:00")
