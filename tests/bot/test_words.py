"""A right and a wrong word cannot be told apart by anybody who watches the chat."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue import PATIENCE, Asked
from engine.acts import Asked as AskedFor
from engine.acts import (
    ForgetMessage,
    GaveSign,
    Say,
    Sent,
    SentAlong,
    SentKind,
)
from engine.letter import Operation
from engine.turn import Dialogue
from escalation.lowering import Verdict, Want, Wish

from .conftest import Read
from .made import NOW, OTHER_WORD, PHOTO, WORD, ana, done, edited, forgotten, press, told, update, visible

WRONG = "red kite"
ALONE = Wish(Want.TEXT)
NOTED = [ForgetMessage("11"), Say(Operation.SEND, "defender.noted", {})]


def asked(state: Any, **data: Any) -> Dialogue:
    """A conversation in which something was asked just now."""
    return Dialogue(state.state, {"asked_at": NOW.isoformat(), **data})


@pytest.mark.parametrize("text", [WORD, "Blue Heron!", "  BLUE   heron "])
async def test_the_safe_word_is_a_sign_when_it_is_written_by_itself(read: Read, text: str) -> None:
    turn = await read(update(text=text), ana())

    assert done(turn) == [AskedFor(ALONE, Verdict.GOOD)]
    assert visible(turn) == NOTED


async def test_a_word_that_was_chosen_by_force_goes_the_same_way_and_to_nobody(read: Read) -> None:
    alone = await read(update(text="Red heron!"), ana())
    given = await read(update(text="/ok red heron"), ana())
    captioned = await read(update(caption=OTHER_WORD, photo=PHOTO), ana())
    lowers = await read(update(text=f"/leave {OTHER_WORD}"), ana())
    old = await read(update(text=OTHER_WORD), ana(), asked(Asked.old_word))

    assert done(alone) == [AskedFor(ALONE, Verdict.FORCED)]
    assert done(given) == [AskedFor(Wish(Want.SIGN), Verdict.FORCED)]
    assert done(captioned)[0] == AskedFor(ALONE, Verdict.FORCED)
    assert done(lowers) == [AskedFor(Wish(Want.LEAVE), Verdict.FORCED)]
    assert done(old) == []
    assert old.dialogue.data["verdict"] == Verdict.FORCED.value
    assert visible(alone) == visible(given) == NOTED


@pytest.mark.parametrize("text", [WORD, "Blue Heron!", "  BLUE   heron "])
@pytest.mark.parametrize("given", [lambda text: f"/ok {text}", lambda text: f"/Ok{text.strip()}"])
async def test_a_word_that_is_given_as_a_check_in_is_looked_at_as_a_row_is(
    read: Read, text: str, given: Callable[[str], str]
) -> None:
    turn = await read(update(text=given(text)), ana())

    assert done(turn) == [AskedFor(Wish(Want.SIGN), Verdict.GOOD)]
    assert visible(turn) == NOTED


async def test_what_is_merely_written_is_kept_for_those_who_are_called_and_moves_nothing(read: Read) -> None:
    turn = await read(update(text=WRONG), ana())

    assert done(turn) == [SentAlong(Sent(SentKind.TEXT, WRONG)), AskedFor(ALONE, Verdict.WRONG)]
    assert visible(turn) == NOTED


async def test_a_wrong_word_that_is_given_as_a_check_in_moves_what_shows_as_a_right_one_does(read: Read) -> None:
    turn = await read(update(text=f"/ok {WRONG}"), ana())

    assert done(turn) == [SentAlong(Sent(SentKind.TEXT, WRONG)), AskedFor(Wish(Want.SIGN), Verdict.WRONG)]
    assert visible(turn) == NOTED


@pytest.mark.parametrize(
    ("given", "dialogue"),
    [
        (lambda text: update(text=text), Dialogue()),
        (lambda text: edited(text=text), Dialogue()),
        (lambda text: update(text=f"/ok {text}"), Dialogue()),
        (lambda text: update(text=f"/pause 2d {text}"), Dialogue()),
        (lambda text: update(text=f"/leave {text}"), Dialogue()),
        (lambda text: update(text=text), asked(Asked.code, wish={"want": "pause", "length": "PT2H"})),
        (lambda text: update(text=text), asked(Asked.code, wish={"want": "leave"})),
        (lambda text: update(text=text), asked(Asked.old_word)),
    ],
)
@pytest.mark.parametrize("me", [ana(), ana(incident_open=True), ana(one_tap=True)])
async def test_a_wrong_word_is_answered_and_deleted_exactly_like_a_right_one(
    read: Read, given: Callable[[str], dict[str, Any]], dialogue: Dialogue, me: Any
) -> None:
    right = await read(given(WORD), me, Dialogue(dialogue.state, dict(dialogue.data)))
    wrong = await read(given(WRONG), me, Dialogue(dialogue.state, dict(dialogue.data)))

    assert visible(right) == visible(wrong)
    assert right.dialogue.state == wrong.dialogue.state
    assert forgotten(right) == ["11"]
    assert done(right) != done(wrong)


@pytest.mark.parametrize("verdict", Verdict)
async def test_the_new_word_is_asked_for_alike_whatever_the_code_or_the_old_one_said(
    read: Read, verdict: Verdict
) -> None:
    turn = await read(update(text="green finch"), ana(), asked(Asked.new_word, verdict=verdict.value))

    assert visible(turn) == [ForgetMessage("11")]
    assert done(turn) == [AskedFor(Wish(Want.WORD, hashed="hash of green finch"), verdict)]


async def test_a_right_word_pauses(read: Read) -> None:
    turn = await read(update(text=WORD), ana(), asked(Asked.code, wish={"want": "pause", "length": "PT2H"}))

    assert done(turn) == [AskedFor(Wish(Want.PAUSE, timedelta(hours=2)), Verdict.GOOD)]
    assert turn.dialogue == Dialogue()


async def test_a_right_word_leaves(read: Read) -> None:
    turn = await read(update(text=WORD), ana(), asked(Asked.code, wish={"want": "leave"}))

    assert done(turn) == [AskedFor(Wish(Want.LEAVE), Verdict.GOOD)]


async def test_the_old_word_opens_the_way_to_a_new_one(read: Read) -> None:
    asks = await read(update(text="/word"), ana())
    old = await read(update(text=WORD), ana(), asks.dialogue)
    new = await read(update(text="green finch"), ana(), old.dialogue)

    assert told(asks) + told(old) + told(new) == ["defender.ask_old_word", "defender.ask_new_word"]
    assert done(new) == [AskedFor(Wish(Want.WORD, hashed="hash of green finch"), Verdict.GOOD)]


async def test_a_new_word_that_cannot_be_taken_is_asked_for_again(read: Read) -> None:
    turn = await read(update(text="abc"), ana(), asked(Asked.new_word, verdict="good"))

    assert told(turn) == ["defender.word_bad"]
    assert forgotten(turn) == ["11"]
    assert turn.dialogue.state == Asked.new_word.state


@pytest.mark.parametrize("state", [Asked.code, Asked.old_word])
async def test_a_question_that_nobody_answered_does_not_eat_the_next_check_in(read: Read, state: Any) -> None:
    late = NOW + PATIENCE + timedelta(minutes=1)
    written = update(text=WORD)
    written["message"]["date"] = int(late.timestamp())

    turn = await read(written, ana(), asked(state, wish={"want": "leave"}), now=late)

    assert done(turn) == [AskedFor(ALONE, Verdict.GOOD)]
    assert turn.dialogue.state is None


@pytest.mark.parametrize("command", ["/times", "/help", "/ok", "/zone", "/nonsense"])
async def test_a_new_command_ends_what_was_asked_before(read: Read, command: str) -> None:
    turn = await read(update(text=command), ana(), asked(Asked.code, wish={"want": "leave"}))

    assert turn.dialogue == Dialogue()
    assert not any(isinstance(act, AskedFor) for act in turn.acts)


async def test_a_bare_word_cannot_be_told_by_an_open_incident(read: Read) -> None:
    calm = await read(update(text=WRONG), ana())
    urgent = await read(update(text=WRONG), ana(incident_open=True))

    assert visible(calm) == visible(urgent)


async def test_a_late_press_is_answered(read: Read) -> None:
    turn = await read(press("agree"), ana())

    assert told(turn) == ["defender.press_old"]
    assert done(turn) == []


@pytest.mark.parametrize("text", ["hello", WORD, "/help", "/start"])
async def test_somebody_who_has_left_is_told_so_and_nothing_is_tried(read: Read, text: str) -> None:
    turn = await read(update(text=text), ana(state="left"))

    assert told(turn) == ["defender.gone"]
    assert not any(isinstance(act, AskedFor | GaveSign) for act in turn.acts)


@pytest.mark.parametrize("given", [update, edited])
async def test_the_safe_word_under_a_picture_is_a_sign_and_goes_to_nobody(
    read: Read, given: Callable[..., dict[str, Any]]
) -> None:
    right = await read(given(caption="Blue heron!", photo=PHOTO), ana())
    wrong = await read(given(caption=WRONG, photo=PHOTO), ana())

    assert done(right) == [AskedFor(ALONE, Verdict.GOOD), SentAlong(Sent(SentKind.PHOTO, "", file_id="large"))]
    assert done(wrong) == [AskedFor(ALONE, Verdict.WRONG), SentAlong(Sent(SentKind.PHOTO, WRONG, file_id="large"))]
    assert visible(right) == visible(wrong) == [ForgetMessage("11"), Say(Operation.SEND, "defender.noted", {})]


async def test_a_file_under_which_a_command_stands_is_kept_without_the_command(read: Read) -> None:
    photo = SentAlong(Sent(SentKind.PHOTO, "", file_id="large"))

    assert done(await read(update(caption=f"/ok {WORD}", photo=PHOTO), ana()))[0] == photo
    assert done(await read(update(caption="/later 1h", photo=PHOTO), ana()))[0] == photo
    assert done(await read(update(caption="/times", photo=PHOTO), ana())) == [photo]


@pytest.mark.parametrize(
    "text", [f"/ok{WORD}", f"/okay {WORD}", f"/pause {WORD} 2d", f"/word {WORD}", f"/leave {WORD}"]
)
async def test_a_command_that_may_hold_the_word_does_not_stay_in_the_chat(read: Read, text: str) -> None:
    assert forgotten(await read(update(text=text), ana())) == ["11"]
