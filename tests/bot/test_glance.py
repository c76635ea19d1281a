"""Whose an update is and whether it calls for help can be told from anything that comes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.door import DefendersDoor
from bot.glance import glance
from bot.keys import CALL
from bot.panic import PRESS, CallsForHelp

from .made import ANA, HIDDEN_FORWARD, LANGUAGES, PANIC_WORDS, SAY, edited, message, press, update

CALLS = CallsForHelp(PANIC_WORDS, [SAY(language, CALL) for language in LANGUAGES])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
FIELDS = st.sampled_from(
    ["message", "edited_message", "callback_query", "my_chat_member", "chat", "from", "id", "type", "text", "caption"]
)
NEARLY_UPDATES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["/panic", "sos", "private"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5),
    max_leaves=30,
)


@pytest.mark.parametrize(
    "text",
    [
        "/panic",
        "/PANIC",
        "/panic@daybook_bot",
        "/panic they are at the door",
        "/sos",
        "SOS",
        "sos!!!",
        "Help",
        "help me",
        "¡AUXÍLIO!",
        "Socorro",
        "au secours",
        "нужна помощь",
        "ПОМОГИТЕ",
        "النجدة",
        "ساعِدوني",
        "  help  ",
        "🆘",
        SAY("en", CALL),
        SAY("en", CALL).upper(),
    ],
)
def test_a_call_is_heard(text: str) -> None:
    assert glance(update(text=text), CALLS).urgent
    assert glance(update(caption=text, photo=[]), CALLS).urgent
    assert glance(edited(text=text), CALLS).urgent
    assert glance(edited(caption=text), CALLS).urgent
    assert glance(update(text=text, reply_to_message=message(text="?")), CALLS).urgent


@pytest.mark.parametrize(
    "text",
    [
        "sos sos sos sos",
        "SOS, SOS",
        "sos! sos! sos!",
        "Help!!! HELP",
        "sos help",
        "S-O-S",
        "S.O.S.",
        "h e l p",
        "sossos",
        "SOOOOS",
        "helppppp",
        "socorrrro",
        "помогитеее!!!",
        "ساعدووووني",
        "النجدة، النجدة",
        "🆘🆘🆘",
        "🆘!",
        "🆘 sos",
        "sos " * 30,
        "SOS" + "!" * 200,
        "/panic!!!",
        "/sos.",
        "/panic, they are here",
        "//panic",
        "/ panic",
        "\u200f/panic \u062f",
        "／panic now",
        "/socorro",
    ],
)
def test_a_call_is_heard_however_it_was_hammered(text: str) -> None:
    assert glance(update(text=text), CALLS).urgent


@pytest.mark.parametrize("text", ["\u200f/help", "／help", "/ayuda", "/aide", "/помощь", "/help!", "/help@daybook_bot"])
def test_asking_how_this_works_is_no_call(text: str) -> None:
    assert not glance(update(text=text), CALLS).urgent


@pytest.mark.parametrize(
    "text",
    [
        "can you help with the times?",
        "helpful",
        "/help",
        "/panicking",
        "no sos needed",
        "now",
        "",
        "I said sos yesterday",
        "no. help",
        "hello",
        "so so",
        "/sosia",
        "/start sos",
        "s" * 5000,
    ],
)
def test_a_word_inside_other_words_is_no_call(text: str) -> None:
    assert not glance(update(text=text), CALLS).urgent


def test_what_somebody_replied_to_is_not_what_they_said() -> None:
    assert not glance(update(text="fine", reply_to_message=message(text="sos")), CALLS).urgent


def test_the_button_is_a_call() -> None:
    seen = glance(press(PRESS), CALLS)

    assert (seen.chat, seen.urgent, seen.press) == (str(ANA), True, "77")


@pytest.mark.parametrize("other", ["agree", "zone:UTC", "", PRESS.upper()])
def test_another_button_is_no_call(other: str) -> None:
    assert not glance(press(other), CALLS).urgent


def test_a_call_that_no_library_can_decode_is_heard() -> None:
    assert glance(update(text="/panic", **HIDDEN_FORWARD), CALLS).urgent


@pytest.mark.parametrize(
    "part",
    [
        {"message": message(text="hi")},
        {"edited_message": message(text="hi")},
        {"my_chat_member": {"chat": {"id": ANA, "type": "private"}, "from": {"id": ANA}}},
        {"callback_query": {"id": "1", "from": {"id": ANA}}},
        {"callback_query": {"id": "1", "message": message()}},
        {"message": {"from": {"id": ANA}, "chat": ["broken"]}},
        {"message": {"from": None, "chat": {"id": ANA}}},
        {"a_kind_of_next_year": {"chat": {"id": ANA, "type": "private"}}},
    ],
)
def test_the_sender_is_found(part: dict[str, Any]) -> None:
    assert glance({"update_id": 1, **part}, CALLS).chat == str(ANA)


@pytest.mark.parametrize(
    "part",
    [
        {},
        {"message": None},
        {"message": {"chat": {"id": -100, "type": "group"}, "from": {"id": ANA}}},
        {"callback_query": {"from": {"id": ANA}, "message": {"chat": {"id": -100, "type": "supergroup"}}}},
        {"message": {"chat": {"id": True, "type": "private"}}},
        {"message": {"chat": {"id": 2**70}}},
        {"channel_post": {"chat": {"id": -100, "type": "channel"}}},
    ],
)
def test_where_no_private_chat_is_nobody_is_made_up(part: dict[str, Any]) -> None:
    assert glance({"update_id": 1, **part}, CALLS).chat is None


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
@pytest.mark.parametrize("of", ["message", "edited_message", "channel_post", "my_chat_member"])
def test_what_comes_from_a_group_is_known_as_such(of: str, kind: str) -> None:
    part = {of: {"chat": {"id": -100, "type": kind}, "from": {"id": ANA}, "text": "sos"}}

    assert glance({"update_id": 1, **part}, CALLS).elsewhere
    assert not glance(update(text="sos"), CALLS).elsewhere


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/start K7Q2-9", "K7Q2-9"),
        ("/Start k7q2 9", "k7q2 9"),
        ("/start@daybook_bot  abc ", "abc"),
        ("/start", None),
        ("/started x", None),
    ],
)
def test_the_code_of_an_invitation_is_found(text: str, code: str | None) -> None:
    assert glance(update(text=text), CALLS).code == code


@given(JSON | NEARLY_UPDATES)
def test_nothing_that_can_come_breaks_the_glance(anything: object) -> None:
    seen = glance(anything, CALLS)

    assert seen.chat is None or seen.chat.isdigit()


def test_the_door_glances_with_its_own_words(room: DefendersDoor) -> None:
    assert room.door.glance(update(text="النجدة")).urgent
    assert room.door.source == "defenders"
