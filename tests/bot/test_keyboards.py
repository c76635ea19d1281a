"""The keys under the chat: they hang on the newest message that brought them, so every message of ours brings them."""

import pytest
from aiogram.types import InlineKeyboardMarkup, ReplyKeyboardMarkup

from bot.keyboards import markup_of
from bot.keys import CALL, SIGN
from engine.letter import Letter, Operation

from .made import LANGUAGES, SAY


def letter(template: str, operation: Operation = Operation.SEND, *, sign: bool | None = False) -> Letter:
    """A letter to somebody who has keys, with or without the one for checking in, or who has none (None)."""
    words = {"due_at": "2026-03-01T19:05:00+00:00", "alarm_at": "2026-03-01T19:35:00+00:00"}
    return Letter(1, operation, template, words, "en", "UTC", message_id="5", sign=sign)


def labels(markup: object) -> list[str]:
    assert isinstance(markup, ReplyKeyboardMarkup)
    return [key.text for row in markup.keyboard for key in row]


@pytest.mark.parametrize("template", ["defender.noted", "defender.reminder", "defender.ready", "defender.tick"])
def test_every_message_brings_the_key_for_calling(template: str) -> None:
    assert SAY("en", CALL) in labels(markup_of(letter(template), SAY, LANGUAGES))


def test_the_key_for_checking_in_comes_for_whoever_has_it() -> None:
    assert SAY("en", SIGN) in labels(markup_of(letter("defender.noted", sign=True), SAY, LANGUAGES))
    assert SAY("en", SIGN) not in labels(markup_of(letter("defender.noted", sign=False), SAY, LANGUAGES))


def test_who_is_not_watched_gets_no_keys() -> None:
    assert markup_of(letter("defender.noted", sign=None), SAY, LANGUAGES) is None


def test_a_changed_message_brings_none_for_it_cannot() -> None:
    assert markup_of(letter("defender.noted", Operation.EDIT), SAY, LANGUAGES) is None


def test_a_message_with_buttons_of_its_own_leaves_the_keys_as_they_are() -> None:
    assert isinstance(markup_of(letter("defender.asked_once_more"), SAY, LANGUAGES), InlineKeyboardMarkup)
