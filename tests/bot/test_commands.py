"""Commands are noted as acts, shown what they are about, or asked for with one sentence and an example."""

from datetime import time, timedelta
from typing import Any

import pytest

from bot.dialogue import Asked
from bot.keys import HELP, SIGN
from engine.acts import (
    Act,
    AskedForTime,
    ChoseLanguage,
    ChoseTimes,
    ChoseZone,
    EndedPause,
    GaveSign,
    KeptAsItIs,
    Sent,
    SentAlong,
    SentKind,
    SetTimer,
)
from engine.acts import Asked as AskedFor
from engine.letter import Words
from escalation.lowering import Verdict, Want, Wish

from .conftest import Read
from .made import LANGUAGES, PAUSED, SAY, TIMER, WORD, ana, done, forgotten, press, told, update, words_of

ANY_WISH: dict[str, Words] = {"length": None, "times": [], "zone": None, "hashed": None, "given_at": None}


@pytest.mark.parametrize(
    ("command", "act"),
    [
        ("/later 1h", AskedForTime(timedelta(hours=1))),
        ("/LATER@daybook_bot 45 min", AskedForTime(timedelta(minutes=45))),
        ("/timer 3h", SetTimer(timedelta(hours=3))),
        ("/pause 2d " + WORD, AskedFor(Wish(Want.PAUSE, timedelta(days=2)), Verdict.GOOD)),
        ("/pause 2 days " + WORD, AskedFor(Wish(Want.PAUSE, timedelta(days=2)), Verdict.GOOD)),
        ("/pause 2d red kite", AskedFor(Wish(Want.PAUSE, timedelta(days=2)), Verdict.WRONG)),
        ("/pause off", EndedPause()),
        ("/keep", KeptAsItIs()),
        ("/times 9:00 21:00 21:30", ChoseTimes((time(9), time(21), time(21, 30)))),
        ("/language français", ChoseLanguage("fr")),
    ],
)
async def test_a_command_is_noted(read: Read, command: str, act: Act) -> None:
    turn = await read(update(text=command), ana())

    assert done(turn)[-1] == act


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("/later", "defender.later_how"),
        ("/later soon", "defender.later_how"),
        ("/timer", "defender.timer_how"),
        ("/timer 90d", "defender.timer_how"),
        ("/pause", "defender.pause_how"),
        ("/pause a while", "defender.pause_how"),
        ("/times never", "defender.times_bad"),
        ("/zone Nowhere", "defender.place_unknown"),
        ("/language", "defender.choose_language"),
        ("/language klingon", "defender.choose_language"),
        ("/ok", "defender.ok_how"),
        ("/help", "defender.help"),
        ("/start", "defender.help"),
        ("/start K7Q2", "defender.help"),
        ("/leave", "defender.ask_word"),
        ("/word", "defender.ask_old_word"),
        ("/pause 2d", "defender.ask_word"),
        ("/times 9:00", "defender.ask_word"),
        ("/times 10:00 21:00", "defender.ask_word"),
        ("/times", "defender.times_are"),
        ("/zone", "defender.zone_is"),
    ],
)
async def test_a_command_that_lacks_something_gets_one_sentence(read: Read, command: str, sentence: str) -> None:
    turn = await read(update(text=command), ana())

    assert told(turn) == [sentence]
    assert done(turn) == []


@pytest.mark.parametrize("command", ["/later 1h", "/pause 2d", "/pause 2d " + WORD])
async def test_where_nothing_is_due_there_is_nothing_to_move(read: Read, command: str) -> None:
    turn = await read(update(text=command), ana(watches=()))

    assert told(turn) == ["defender.nothing_due"]
    assert done(turn) == []


async def test_a_timer_is_not_paused_but_can_be_moved(read: Read) -> None:
    paused = await read(update(text="/pause 2d"), ana(watches=(TIMER,)))
    moved = await read(update(text="/later 1h"), ana(watches=(TIMER,)))

    assert told(paused) == ["defender.nothing_due"]
    assert done(moved) == [AskedForTime(timedelta(hours=1))]


@pytest.mark.parametrize("command", ["/pause off", "/pause stop"])
async def test_a_pause_is_ended_without_a_word(read: Read, command: str) -> None:
    turn = await read(update(text=command), ana(watches=(PAUSED,)))

    assert done(turn) == [EndedPause()]


async def test_a_pause_waits_for_the_word(read: Read) -> None:
    turn = await read(update(text="/pause 1h30"), ana())

    assert turn.dialogue.state == Asked.code.state
    assert turn.dialogue.data["wish"] == ANY_WISH | {"want": "pause", "length": "PT1H30M"}


async def test_another_zone_waits_for_the_word_where_check_ins_would_move(read: Read) -> None:
    moved = await read(press("zone:Asia/Kathmandu"), ana())
    same = await read(press("zone:America/Bogota"), ana())

    assert told(moved) == ["defender.noted", "defender.ask_word"]
    assert done(same) == [ChoseZone("America/Bogota")]


async def test_keeping_things_is_answered_alike_whether_or_not_something_waits(read: Read) -> None:
    assert told(await read(update(text="/keep"), ana())) == ["defender.kept"]


@pytest.mark.parametrize("given", [SAY("en", SIGN), SAY("en", SIGN).upper(), "/ok"])
async def test_one_tap_is_a_sign_where_it_is_enough(read: Read, given: str) -> None:
    turn = await read(update(text=given), ana(one_tap=True))

    assert done(turn) == [GaveSign()]
    assert told(turn) == ["defender.noted"]
    assert forgotten(turn) == ["11"]


async def test_one_tap_is_no_sign_where_a_word_is_needed(read: Read) -> None:
    turn = await read(update(text=SAY("en", SIGN)), ana())

    assert GaveSign() not in turn.acts


@pytest.mark.parametrize("one_tap", [True, False])
async def test_the_key_that_explains_gives_the_keys_again(read: Read, one_tap: bool) -> None:
    turn = await read(update(text=SAY("en", HELP)), ana(one_tap=one_tap))

    assert words_of(turn, "defender.help") == {"sign": one_tap}


async def test_a_zone_is_shown_with_its_clock_before_it_is_changed(read: Read) -> None:
    asked = await read(update(text="/zone Lima"), ana())
    chosen = await read(press("zone:America/Lima"), ana(watches=()), asked.dialogue)

    assert done(asked) == []
    assert words_of(asked, "defender.confirm_zone")["zones"] == ["America/Lima"]
    assert done(chosen) == [ChoseZone("America/Lima")]
    assert told(chosen) == ["defender.noted", "defender.zone_set"]


async def test_the_times_are_shown_and_nothing_that_a_pause_would_change(read: Read) -> None:
    waiting = await read(update(text="/times"), ana())
    paused = await read(update(text="/times"), ana(watches=(PAUSED,)))

    assert waiting.acts == paused.acts
    assert words_of(waiting, "defender.times_are") == {"times": ["09:00", "21:00"], "zone": "America/Bogota"}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_language_is_chosen_by_its_button(read: Read, language: str) -> None:
    turn = await read(press(f"language:{language}"), ana())

    assert done(turn) == [ChoseLanguage(language)]
    assert told(turn) == ["defender.noted", "defender.language_set"]


@pytest.mark.parametrize("data", ["language:tlh", "zone:Moon/Crater"])
async def test_a_button_that_never_was_changes_nothing(read: Read, data: str) -> None:
    turn = await read(press(data), ana())

    assert done(turn) == []
    assert told(turn) == ["defender.press_old"]


async def test_an_unknown_command_is_kept_and_help_is_named(read: Read) -> None:
    turn = await read(update(text="/where are you"), ana())

    assert done(turn) == [SentAlong(Sent(SentKind.TEXT, "/where are you"))]
    assert told(turn) == ["defender.unknown_command"]


@pytest.mark.parametrize(
    "text",
    ["/later 1h", "/timer 3h", "/times", "/zone", "/language", "/help", "/word", "/leave", "/pause 2d", "hello", "sos"],
)
async def test_no_answer_tells_whether_a_call_is_open(read: Read, text: str) -> None:
    calm: Any = await read(update(text=text), ana())
    urgent: Any = await read(update(text=text), ana(incident_open=True))

    assert calm.acts == urgent.acts
