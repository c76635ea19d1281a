"""The first look finds whose an update is, and never raises."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.door import Glance
from responders.glancing import glance

from .made import pressed, wrote

NAMES = some.sampled_from(
    ["message", "edited_message", "callback_query", "my_chat_member", "chat", "from", "id", "type", "text", "data"]
)
ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text() | some.just("private"),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(NAMES, inner, max_size=5),
    max_leaves=30,
)


@given(some.dictionaries(NAMES, ANYTHING))
def test_whatever_comes_is_looked_at_without_an_error(update: dict[str, Any]) -> None:
    seen = glance(update)

    assert isinstance(seen, Glance)
    assert not seen.urgent
    assert seen.chat is None or int(seen.chat) > 0


def test_a_start_with_a_code_is_seen() -> None:
    assert glance(wrote("/start 9ABC-DEF")) == Glance("77", code="9ABC-DEF")


@pytest.mark.parametrize("text", ["/start", "/start a b", "/starting abc", "start abc", "/start " + "x" * 65])
def test_anything_else_has_no_code(text: str) -> None:
    assert glance(wrote(text)) == Glance("77")


def test_a_press_is_seen_with_the_chat_that_it_was_made_in() -> None:
    assert glance(pressed("anything")) == Glance("77", press="4711", button="anything")


def test_a_press_under_a_message_that_is_gone_is_still_somebodys() -> None:
    update = pressed("anything")
    del update["callback_query"]["message"]

    assert glance(update) == Glance("77", press="4711", button="anything")


def test_a_start_that_a_phone_has_capitalised_has_its_code() -> None:
    assert glance(wrote("/Start 9ABC-DEF")) == Glance("77", code="9ABC-DEF")


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_a_group_is_nobodys_private_chat_and_known_as_such(kind: str) -> None:
    chat = {"id": -5, "type": kind, "title": "Friends"}

    assert glance(wrote("hello", chat=chat)) == Glance(None, elsewhere=True)
    assert glance({"my_chat_member": {"chat": chat, "from": {"id": 77}}}) == Glance(None, elsewhere=True)
