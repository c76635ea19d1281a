"""Every letter to a defender can be said, in their own time, and says nothing that a chat must not show."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove

import bot
from bot.folding import fold_label
from bot.keyboards import markup_of
from bot.keys import CALL, HELP, SIGN
from bot.panic import CallsForHelp
from bot.rendering import text_of
from engine.letter import Letter, Operation, Words

from .made import LANGUAGES, NOW, PANIC_WORDS, SAY, TEXTS

DUE = (NOW + timedelta(hours=1, minutes=55)).isoformat()  # 16:00 in Bogotá
NOW_ISO = NOW.isoformat()
TIERS: list[Words] = [
    {"role": role, "people": people, "after": after}
    for role, people, after in (
        ("contact", 2, 1800.0),
        ("colleague", 1, 3600.0),
        ("lawyer", 1, 7200.0),
        ("partner", 3, 90000.0),
        ("coordinator", 1, 0.0),
        ("lead", 1, 5400.0),
        ("director", 2, 86400.0),
    )
]
FROM_ENGINE: list[tuple[str, dict[str, Words]]] = [
    ("defender.reminder", {"number": 2, "due_at": DUE}),
    ("defender.asked_once_more", {"due_at": DUE, "alarm_at": DUE}),
    ("defender.later_moved", {"due_at": DUE, "last": False}),
    ("defender.later_moved", {"due_at": DUE, "last": True}),
    ("defender.later_not_moved", {"due_at": DUE}),
    ("defender.later_not_moved", {"due_at": None}),
    ("defender.pause_began", {"until": DUE}),
    ("defender.pause_ended", {"due_at": DUE}),
    ("defender.timer_set", {"due_at": DUE}),
    ("defender.active", {"due_at": DUE}),
    ("defender.active", {"due_at": None}),
    ("defender.waits", {"due_at": DUE}),
    ("defender.kept", {}),
    ("defender.times_set", {"due_at": DUE, "times": ["21:00", "09:00"]}),
    ("defender.times_set", {"due_at": None, "times": ["09:00"]}),
    ("defender.ready", {}),
    ("defender.tick", {}),
]
GRID: dict[str, Words] = {"made": "●○○○", "keys": [["🌙", "n1"], ["🌵", "n2"]]}
GRIDS = ("", ".old", ".new", ".again", ".differs")
FROM_HERE: list[tuple[str, dict[str, Words]]] = [
    ("defender.consent", {"times": ["09:00", "21:00"], "zone": "America/Bogota", "at_once": 3, "tiers": TIERS}),
    ("defender.confirm_zone", {"zones": ["Asia/Gaza"], "now": NOW_ISO}),
    ("defender.confirm_zone", {"zones": ["Asia/Gaza", "Asia/Hebron"], "now": NOW_ISO}),
    ("defender.times_are", {"times": ["09:00"], "zone": "America/Bogota"}),
    ("defender.zone_is", {"zone": "America/Lima", "now": NOW_ISO}),
    ("defender.zone_set", {"zone": "Europe/Paris", "now": NOW_ISO}),
    *((f"defender.grid{step}", GRID) for step in GRIDS),
    ("defender.help", {"sign": True}),
    ("defender.keys", {"sign": False}),
    ("defender.check", {"words": "river lamp copper nine"}),
    ("defender.language_set", {"sign": False}),
]
WITH_WORDS = {template for template, _ in FROM_ENGINE + FROM_HERE}


def spoken() -> set[str]:
    """Every template that a handler says."""
    handlers = Path(bot.__file__).parent / "handlers"
    texts = [path.read_text(encoding="utf-8") for path in handlers.glob("*.py")]
    return {key for text in texts for key in re.findall(r'"(defender\.\w+)"', text)}


BARE = sorted(spoken() - WITH_WORDS)
EVERY = FROM_ENGINE + FROM_HERE + [(template, {}) for template in BARE]


def letter(template: str, words: dict[str, Words], **more: Any) -> Letter:
    """A letter to Ana."""
    as_usual: dict[str, Any] = {"operation": Operation.SEND, "language": "en", "zone": "America/Bogota"}
    return Letter(key=1, template=template, words=words, **as_usual | more)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("template", "words"), EVERY)
def test_every_letter_can_be_said_in_every_language(template: str, words: dict[str, Words], language: str) -> None:
    one = letter(template, words, language=language)

    text = text_of(one, SAY)
    markup_of(one, SAY, LANGUAGES)

    assert text.strip()
    assert "{" not in text
    assert len(text) < 4096


def test_handlers_say_something_that_this_suite_knows_of() -> None:
    assert {"defender.noted", "defender.ask_word", "defender.consent"} <= spoken()


def test_an_instant_is_told_by_the_readers_clock() -> None:
    assert "16:00 (Sun, Mar 1)" in text_of(letter("defender.reminder", {"number": 1, "due_at": DUE}), SAY)
    assert "00:00 (Mon, Mar 2)" in text_of(
        letter("defender.reminder", {"number": 1, "due_at": DUE}, zone="Asia/Baghdad"), SAY
    )


def test_a_zone_that_is_asked_about_shows_its_own_clock() -> None:
    asked = text_of(letter("defender.confirm_zone", {"zones": ["Asia/Tokyo"], "now": NOW_ISO}), SAY)

    assert "Asia/Tokyo" in asked
    assert "04:05 (Mon, Mar 2)" in asked


def test_consent_tells_numbers_of_people_and_lengths_of_time() -> None:
    words: dict[str, Words] = {"times": ["09:00", "21:00"], "zone": "America/Bogota", "at_once": 3, "tiers": TIERS}

    text = text_of(letter("defender.consent", words), SAY)

    assert "3 people" in text
    assert "2 personal contacts, 30 minutes" in text
    assert "1 lawyer, 2 hours" in text
    assert "3 people at partner organisations, 1 day and 1 hour" in text
    assert "09:00 and 21:00" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_length_of_days_is_said_in_every_language(language: str) -> None:
    words: dict[str, Words] = {"times": ["09:00"], "zone": "America/Bogota", "at_once": 3, "tiers": TIERS}

    assert "duration" not in text_of(letter("defender.consent", words, language=language), SAY)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_that_consent_gives_for_a_call_is_one(language: str) -> None:
    calls = CallsForHelp(PANIC_WORDS, [SAY(language, CALL)])
    words: dict[str, Words] = {"times": ["09:00"], "zone": "America/Bogota", "at_once": 3, "tiers": TIERS}

    given = re.findall("[“«](.+?)[”»]", text_of(letter("defender.consent", words, language=language), SAY))

    assert len(given) >= 2
    assert [word for word in given if not calls.hears(word)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_names_no_word_for_a_call_but_the_key(language: str) -> None:
    text = text_of(letter("defender.help", {"sign": False}, language=language), SAY)

    assert re.findall("[“«](.+?)[”»]", text.replace("\xa0", "")) == [SAY(language, CALL).replace("\xa0", "")]


def test_a_repeat_says_that_it_may_be_one() -> None:
    once = text_of(letter("defender.reminder", {"due_at": DUE}), SAY)
    again = text_of(letter("defender.reminder", {"due_at": DUE}, maybe_repeat=True), SAY)

    assert again == once + "\n\n" + SAY("en", "defender.maybe_repeat")


def test_a_letter_without_its_words_is_a_fault() -> None:
    with pytest.raises(KeyError):
        text_of(letter("defender.reminder", {}), SAY)


def test_the_labels_of_the_keys_are_told_apart_in_every_language() -> None:
    of = {key: {fold_label(SAY(language, key)) for language in LANGUAGES} for key in (SIGN, CALL, HELP)}

    assert not of[SIGN] & of[CALL]
    assert not of[SIGN] & of[HELP]
    assert not of[CALL] & of[HELP]


def test_no_other_key_or_button_calls_for_help_and_no_word_of_theirs_alone_is_the_key() -> None:
    calls = CallsForHelp(PANIC_WORDS, [SAY(language, CALL) for language in LANGUAGES])
    others = (SIGN, HELP, *(f"defender.button.{name}" for name in ("yes", "other", "agree", "here")))

    assert not [key for key in others for language in TEXTS.languages if calls.hears(SAY(language, key))]
    for language in TEXTS.languages:
        label = SAY(language, CALL)
        assert calls.hears(label)
        assert not calls.hears("".join(letter for letter in label if letter.isalpha() or letter == " "))


def test_the_check_in_key_stands_only_where_one_tap_is_enough() -> None:
    tap = markup_of(letter("defender.keys", {"sign": True}), SAY, LANGUAGES)
    word = markup_of(letter("defender.keys", {"sign": False}), SAY, LANGUAGES)

    assert isinstance(tap, ReplyKeyboardMarkup)
    assert isinstance(word, ReplyKeyboardMarkup)
    assert [[key.text for key in row] for row in tap.keyboard] == [
        [SAY("en", SIGN)],
        [SAY("en", HELP), SAY("en", CALL)],
    ]
    assert [[key.text for key in row] for row in word.keyboard] == [[SAY("en", HELP), SAY("en", CALL)]]


def test_each_zone_is_a_button_with_its_clock() -> None:
    markup = markup_of(
        letter("defender.confirm_zone", {"zones": ["Africa/Tripoli", "Asia/Beirut"], "now": NOW_ISO}), SAY, LANGUAGES
    )

    assert isinstance(markup, InlineKeyboardMarkup)
    assert [(row[0].text, row[0].callback_data) for row in markup.inline_keyboard] == [
        ("Africa/Tripoli, 21:05", "zone:Africa/Tripoli"),
        ("Asia/Beirut, 21:05", "zone:Asia/Beirut"),
        ("Another place", "place:other"),
    ]


def test_leaving_takes_the_keys_away() -> None:
    assert isinstance(markup_of(letter("defender.ask_times", {}), SAY, LANGUAGES), ReplyKeyboardRemove)
