"""A time zone is found by what people call the place where they are, and nobody's guess is set unasked."""

from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.places import MOST, Places

from .made import CITIES, LANGUAGES

PLACES = Places(CITIES, LANGUAGES)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("America/Bogota", "America/Bogota"),
        ("america/bogota", "America/Bogota"),
        ("Bogotá", "America/Bogota"),
        ("Colombia", "America/Bogota"),
        ("Medellin, Colombia", "America/Bogota"),
        ("Москва", "Europe/Moscow"),
        ("القاهرة", "Africa/Cairo"),
        ("حلب", "Asia/Damascus"),
        ("port au prince", "America/Port-au-Prince"),
        ("New York", "America/New_York"),
        ("Kiev", "Europe/Kyiv"),
        ("Calcutta", "Asia/Kolkata"),
        ("Перу", "America/Lima"),
        ("UTC", "UTC"),
    ],
)
def test_a_place_has_its_zone(text: str, zone: str) -> None:
    assert PLACES.named(text) == (zone,)


@pytest.mark.parametrize(
    ("text", "zones"),
    [
        ("Tripoli", {"Africa/Tripoli", "Asia/Beirut"}),
        ("Valencia", {"America/Caracas", "Europe/Madrid"}),
        ("Palestine", {"Asia/Gaza", "Asia/Hebron"}),
    ],
)
def test_two_places_of_one_name_are_two_answers(text: str, zones: set[str]) -> None:
    assert set(PLACES.named(text)) == zones


@pytest.mark.parametrize("text", ["", "Nowhere", "9:00", "Brasil", "Россия", "GMT+3"])
def test_what_is_unknown_or_too_wide_is_no_answer(text: str) -> None:
    assert PLACES.named(text) == ()


def test_every_country_of_few_zones_is_known_by_its_name_in_each_language() -> None:
    assert {PLACES.named(name) for name in ("Egypt", "Egipto", "Égypte", "Egito", "مصر", "Египет")} == {
        ("Africa/Cairo",)
    }


def test_every_zone_there_is_can_be_named() -> None:
    unknown = [zone for zone in available_timezones() if "/" in zone and PLACES.named(zone) != (zone,)]

    assert unknown == []


def test_every_city_of_ours_lies_in_a_zone_and_on_the_earth() -> None:
    for names, zone, latitude, longitude in CITIES:
        assert ZoneInfo(zone).key == zone
        assert all(names)
        assert -90 <= latitude <= 90
        assert -180 <= longitude <= 180


def test_a_city_of_ours_is_where_its_zone_says() -> None:
    far = [
        (names[0], PLACES.nearest(latitude, longitude))
        for names, zone, latitude, longitude in CITIES
        if PLACES.nearest(latitude, longitude) not in (zone, *PLACES.named(names[0]))
    ]

    assert far == []


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone"),
    [
        (4.61, -74.08, "America/Bogota"),
        (31.5, 34.46, "Asia/Gaza"),
        (46.2, 6.14, "Europe/Zurich"),
        (-1.66, 29.22, "Africa/Lubumbashi"),
        (-16.5, 179.9, "Pacific/Fiji"),
    ],
)
def test_a_shared_place_has_the_zone_of_the_nearest_city(latitude: float, longitude: float, zone: str) -> None:
    assert PLACES.nearest(latitude, longitude) == zone


def test_a_made_up_zone_is_not_known() -> None:
    assert not PLACES.knows("Moon/Crater")
    assert not PLACES.knows("america/bogota")
    assert PLACES.knows("America/Bogota")


def test_there_are_never_more_answers_than_one_can_choose_from() -> None:
    assert all(len(PLACES.named(names[0])) <= MOST for names, _, _, _ in CITIES)
