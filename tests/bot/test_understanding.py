"""What people type is understood as they mean it: lengths, times of day, languages, words."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.daily_times import read_times
from bot.durations import read_duration
from bot.folding import fold, fold_label
from bot.languages import language_named, name_of

from .made import LANGUAGES


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("30m", 30),
        ("45 min", 45),
        ("2h", 120),
        ("1h30", 90),
        ("1 h 5", 65),
        ("1:30", 90),
        ("1h 30m", 90),
        ("2d", 2880),
        ("1 day, 2 hours", 1560),
        ("2 Días", 2880),
        ("2 heures 15", 135),
        ("3 часа", 180),
        ("2 дней", 2880),
        ("٣ ساعات", 180),
        (" 2H! ", 120),
    ],
)
def test_a_length_is_read_as_people_type_it(text: str, minutes: int) -> None:
    assert read_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "h", "30", "off", "1x", "soon", "0m", "0h00", "1d30", "-1h later", "1.5.2h"])
def test_what_is_no_length_is_not_taken_for_one(text: str) -> None:
    assert read_duration(text) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("9:00 21:00", ["09:00", "21:00"]),
        ("9", ["09:00"]),
        ("9.30", ["09:30"]),
        ("9am", ["09:00"]),
        ("8 p.m.", ["20:00"]),
        ("21h", ["21:00"]),
        ("21h30", ["21:30"]),
        ("0930 2100", ["09:30", "21:00"]),
        ("at 9 and 21", ["09:00", "21:00"]),
        ("9h et 21h", ["09:00", "21:00"]),
        ("às 9h30 e às 21h", ["09:30", "21:00"]),
        ("09.00 и 21.00", ["09:00", "21:00"]),
        ("٩:٠٠", ["09:00"]),
        ("9 ص 9 م", ["09:00", "21:00"]),
        ("21:00, 9:00, 9", ["09:00", "21:00"]),
        ("12am 12pm", ["00:00", "12:00"]),
    ],
)
def test_times_are_read_as_people_type_them(text: str, hours: list[str]) -> None:
    assert read_times(text) == tuple(time.fromisoformat(hour) for hour in hours)


@pytest.mark.parametrize(
    "text", ["", "hello", "25:00", "9:75", "9 30", "13pm", "tomorrow 9", "9:00:00", "1 2 3 4 5 6 7 8 9"]
)
def test_what_is_no_time_is_not_taken_for_one(text: str) -> None:
    assert read_times(text) is None


@given(st.text())
def test_nothing_that_is_typed_breaks_the_reading(text: str) -> None:
    length, times = read_duration(text), read_times(text)

    assert length is None or length > timedelta()
    assert times is None or times == tuple(sorted(set(times)))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("  ¡AUXILIO!  ", "auxilio"),
        ("ПОМОГИТЕ!!!", "помогите"),
        ("النَّجْدَةُ", "النجدة"),
        ("النـــجدة", "النجدة"),
        ("النجده", "النجدة"),
        ("أنقذونى", "انقذوني"),
        ("کمک", "كمك"),
        ("ЕЛКА", "ёлка"),
        ("à l’aide", "A L'AIDE"),
        ("Blue\n  Heron", "blue heron"),
        ("ﬁn", "fin"),
    ],
)
def test_two_ways_of_typing_a_word_are_one(typed: str, meant: str) -> None:
    assert fold(typed) == fold(meant)


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_the_signs_of_a_label_belong_to_it() -> None:
    assert fold_label("🔹  NOW") == fold_label("🔹 Now")
    assert fold_label("now") != fold_label("🔹 Now")


@pytest.mark.parametrize(
    ("text", "language"),
    [("Español", "es"), ("espanol", "es"), ("Spanish", "es"), ("РУССКИЙ", "ru"), ("العربية", "ar"), ("fr", "fr")],
)
def test_a_language_is_known_by_its_names(text: str, language: str) -> None:
    assert language_named(text, LANGUAGES) == language


def test_every_language_has_a_name_of_its_own() -> None:
    assert len({name_of(language) for language in LANGUAGES}) == len(LANGUAGES)


def test_a_language_that_is_not_spoken_here_is_not_known() -> None:
    assert language_named("klingon", LANGUAGES) is None
