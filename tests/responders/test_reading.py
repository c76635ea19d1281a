"""Updates go through the library one by one; what it cannot decode and what goes wrong reaches the engine."""

import asyncio
import json
import logging
from typing import Any

import pytest

from engine.acts import CameBack, Say
from engine.door import Unreadable
from engine.letter import Operation
from rehearsal import BotAccount, Phone, Stage
from responders.door import RespondersDoor

from .made import CALLING, pressed, responder, turn, wrote

HIDDEN = {"forward_origin": {"type": "hidden_user", "date": 1_772_460_000}}


@pytest.mark.parametrize(
    "update",
    [
        wrote("Look", **HIDDEN),
        {"update_id": 1, "message": {"text": "no chat"}},
        {"message": {}},
        wrote("x", date="today"),
    ],
)
async def test_what_the_library_cannot_decode_is_unreadable(door: RespondersDoor, update: dict[str, Any]) -> None:
    made = turn(responder(CALLING))

    with pytest.raises(Unreadable) as caught:
        await door.door.read(update, made)

    assert "Look" not in repr(caught.value)
    assert made.acts == []


@pytest.mark.parametrize(
    "update", [{"update_id": 1}, {"update_id": 1, "a_kind_of_tomorrow": {"x": 1}}, {"update_id": 1, "poll": None}]
)
async def test_an_update_of_an_unknown_kind_means_nothing(door: RespondersDoor, update: dict[str, Any]) -> None:
    made = turn(responder(CALLING))

    await door.door.read(update, made)

    assert made.acts == []


async def test_a_fault_of_a_handler_reaches_the_engine_and_no_log(
    door: RespondersDoor, caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = "not a person"

    with caplog.at_level(logging.INFO), pytest.raises(AttributeError):
        await door.door.read(wrote("a secret"), turn(broken))

    assert "secret" not in caplog.text


async def test_a_fault_in_one_turn_is_not_anothers(door: RespondersDoor) -> None:
    broken: Any = "not a person"
    good = [turn(responder(CALLING)) for _ in range(20)]
    bad = [turn(broken) for _ in range(20)]

    outcomes = await asyncio.gather(
        *(door.door.read(wrote("/back"), made) for pair in zip(good, bad, strict=True) for made in pair),
        return_exceptions=True,
    )

    assert [made.acts for made in good] == [[CameBack()]] * 20
    assert [type(outcome) for outcome in outcomes] == [type(None), AttributeError] * 20


async def test_reading_asks_the_messenger_nothing(stage: Stage, bot: BotAccount, door: RespondersDoor) -> None:
    fault = stage.faults.fail(bot)

    await door.door.read(wrote("/back"), turn(responder(CALLING)))
    await door.door.read(pressed("o"), turn(responder(CALLING), query_id="4711"))

    assert fault.hits == 0


async def test_what_the_stage_gives_is_read(stage: Stage, bot: BotAccount, bo: Phone, door: RespondersDoor) -> None:
    bo.photo(bot, b"\xff\xd8", "look")
    bo.block(bot)
    given = [update.body for update in await bot.updates.poll(0, 100, 0)]

    assert len(given) == 3
    for body in given:
        made = turn(responder(CALLING))
        await door.door.read(json.loads(body), made)


async def test_the_turn_knows_which_message_and_which_press_it_is(door: RespondersDoor) -> None:
    typed, touched = turn(responder(CALLING), message_id=None), turn(responder(CALLING))

    await door.door.read(wrote("hello"), typed)
    await door.door.read(pressed("old"), touched)

    assert (typed.message_id, typed.query_id, touched.query_id) == ("5", None, "4711")
    assert touched.acts == [Say(Operation.ANSWER, "responder.outdated", {}, "4711")]


async def test_a_stranger_gets_one_constant_reply(bot: BotAccount, bo: Phone, door: RespondersDoor) -> None:
    await door.door.greet_stranger(str(bo.id))

    [heard] = bo.heard(bot)
    assert heard.text == "Hello. This bot is private: it works by invitation only."


@pytest.mark.parametrize("chat", ["1", "nowhere", ""])
async def test_a_stranger_who_is_gone_is_no_trouble(door: RespondersDoor, chat: str) -> None:
    await door.door.greet_stranger(chat)


async def test_the_commands_are_told_in_every_language(bot: BotAccount, door: RespondersDoor) -> None:
    await door.dress()

    told = bot.profile.commands
    assert len(told) == 7
    assert all([one["command"] for one in commands][:2] == ["open", "away"] for commands in told.values())


async def test_a_messenger_that_is_down_does_not_stop_the_service_from_starting(
    stage: Stage, bot: BotAccount, door: RespondersDoor
) -> None:
    fault = stage.faults.fail(bot)

    await door.dress()

    assert fault.hits == 7
