"""What the buttons of an alarm do, and that an old or forged one does nothing."""

from typing import Any

import pytest

from engine.acts import (
    Act,
    AskedForSent,
    PressedAgain,
    PressedApprove,
    PressedCannot,
    PressedClose,
    PressedConfirm,
    PressedDispute,
    PressedOnIt,
    PressedSeen,
    Say,
    TickedRunbook,
    UsedButton,
)
from engine.letter import Operation
from engine.turn import Turn
from engine.views import ResponderView
from escalation.incident_words import Outcome
from responders.door import RespondersDoor
from responders.presses import TURNS_A_PAGE, Action, written
from store.presses import State

from .made import CALLING, K7Q2, M3XR, TOKEN, button, carried, pressed, responder, turn


async def press(door: RespondersDoor, data: str, view: ResponderView | None = None) -> list[Act]:
    """What one press notes, besides that the button is used up."""
    return [act for act in (await press_turn(door, data, view)).acts if not isinstance(act, UsedButton)]


async def press_turn(door: RespondersDoor, data: str, view: ResponderView | None = None) -> Turn:
    """The turn after one press of Bo's."""
    made = turn(view or responder(CALLING), query_id="4711", pressed=button(data))
    await door.door.read(pressed(carried(data)), made)
    return made


def answered(acts: list[Act]) -> list[str]:
    """The templates that the press is answered with."""
    return [act.template for act in acts if isinstance(act, Say) and act.operation is Operation.ANSWER]


@pytest.mark.parametrize(
    ("data", "act"),
    [
        (written(Action.ON_IT, K7Q2), PressedOnIt(K7Q2)),
        (written(Action.CANNOT, K7Q2), PressedCannot(K7Q2)),
        (written(Action.CLOSE, K7Q2, "handed_over"), PressedClose(K7Q2, Outcome.HANDED_OVER)),
        (written(Action.CONFIRM, K7Q2, 3), PressedConfirm(K7Q2, 3)),
        (written(Action.DISPUTE, K7Q2, 3), PressedDispute(K7Q2, 3)),
        (written(Action.APPROVE, K7Q2, 2, 1), PressedApprove(K7Q2, 2, 1)),
    ],
)
async def test_a_button_is_what_its_reader_did_and_the_engine_says_what_is_now_true(
    door: RespondersDoor, data: str, act: Act
) -> None:
    shows_it = Say(Operation.EDIT, "responder.alarm", {"incident": str(K7Q2)}, "9")
    assert await press(door, data) == [act, shows_it]


async def test_what_was_sent_is_handed_over_as_often_as_it_is_asked_for(door: RespondersDoor) -> None:
    for _ in range(2):
        acts = await press(door, written(Action.SENT, K7Q2))
        assert [act for act in acts if not isinstance(act, Say)] == [AskedForSent(K7Q2)]
        assert answered(acts) == ["responder.quiet"]


async def test_seen_changes_nothing_that_would_have_to_be_shown(door: RespondersDoor) -> None:
    assert await press(door, written(Action.SEEN, K7Q2)) == [PressedSeen(K7Q2)]


@pytest.mark.parametrize("action", [action for action in Action if action.about_an_incident])
async def test_a_button_of_something_that_is_not_open_here_changes_nothing(
    door: RespondersDoor, action: Action
) -> None:
    acts = await press(door, written(action, M3XR, 1, 1))

    assert acts == [Say(Operation.ANSWER, "responder.outdated", {}, "4711")]


@pytest.mark.parametrize(
    "data",
    [
        "", "nonsense", "o:not-an-incident", written(Action.ON_IT, K7Q2) + "x" * 60,
        written(Action.CLOSE, K7Q2, "won"), written(Action.CONFIRM, K7Q2), written(Action.CONFIRM, K7Q2, "three"),
        written(Action.APPROVE, K7Q2, 1), written(Action.TICK, K7Q2, "covert.quiet"),
        written(Action.LANGUAGE, None, "xx"), written(Action.ZONE, None, "Nowhere/Land"),
        written(Action.AWAY, None, "0"), written(Action.AWAY, None, "99999"),
    ],
)  # fmt: skip
async def test_forged_buttons_are_answered_calmly_and_change_nothing(door: RespondersDoor, data: str) -> None:
    assert await press(door, data) == [Say(Operation.ANSWER, "responder.outdated", {}, "4711")]


@pytest.mark.parametrize(
    ("action", "page"), [(Action.OUTCOMES, "outcomes"), (Action.RUNBOOK, "runbook"), (Action.BACK, "alarm")]
)
async def test_turning_the_page_changes_the_message_and_nothing_else(
    door: RespondersDoor, action: Action, page: str
) -> None:
    acts = await press(door, written(action, K7Q2, 4))

    words: dict[str, Any] = {"incident": str(K7Q2), "page": page, "times": 4, "again": False}
    assert acts == [
        Say(Operation.ANSWER, "responder.quiet", {}, "4711"),
        Say(Operation.EDIT, "responder.alarm", words, "9"),
    ]


async def test_showing_an_alarm_again_sends_it_and_does_not_count_as_a_call(door: RespondersDoor) -> None:
    acts = await press(door, written(Action.SHOW, K7Q2))

    words: dict[str, Any] = {"incident": str(K7Q2), "page": "alarm", "times": 1, "again": True}
    assert acts[1:] == [Say(Operation.SEND, "responder.alarm", words)]


async def test_a_ticked_line_is_noted_and_shown(door: RespondersDoor) -> None:
    acts = await press(door, written(Action.TICK, K7Q2, "panic.ring", 2))

    words: dict[str, Any] = {"incident": str(K7Q2), "page": "runbook", "times": 2, "again": False}
    assert acts[0] == TickedRunbook(K7Q2, "panic.ring")
    assert acts[2] == Say(Operation.EDIT, "responder.alarm", words, "9")
    assert answered(acts) == ["responder.quiet"]


async def test_a_press_under_a_message_that_is_gone_still_counts(door: RespondersDoor) -> None:
    update = pressed(TOKEN)
    update["callback_query"]["message"] = {
        "chat": update["callback_query"]["message"]["chat"],
        "message_id": 9,
        "date": 0,
    }
    made = turn(responder(CALLING), query_id="4711", pressed=button(written(Action.ON_IT, K7Q2)))

    await door.door.read(update, made)

    assert made.acts[1] == PressedOnIt(K7Q2)


OUTDATED = Say(Operation.ANSWER, "responder.outdated", {}, "4711")
QUIET = Say(Operation.ANSWER, "responder.quiet", {}, "4711")
RENEWED = Say(Operation.EDIT, "responder.alarm", {"incident": str(K7Q2)}, "9")


async def test_a_press_that_counts_uses_its_button_up_first(door: RespondersDoor) -> None:
    made = await press_turn(door, written(Action.ON_IT, K7Q2))

    assert made.acts[:2] == [UsedButton("its key", K7Q2), PressedOnIt(K7Q2)]


@pytest.mark.parametrize("action", sorted(set(Action) - TURNS_A_PAGE))
async def test_what_acts_is_taken_from_a_token_only(door: RespondersDoor, action: Action) -> None:
    plain = written(action, K7Q2 if action.about_an_incident else None, 1, 1)
    made = turn(responder(CALLING), query_id="4711")

    await door.door.read(pressed(plain), made)

    assert made.acts == [OUTDATED]


async def test_a_button_that_was_used_says_how_things_stand_and_gets_new_ones(door: RespondersDoor) -> None:
    made = turn(responder(CALLING), query_id="4711", pressed=button(written(Action.ON_IT, K7Q2), State.USED))

    await door.door.read(pressed(TOKEN), made)

    assert made.acts == [PressedAgain(K7Q2), RENEWED]


async def test_a_button_that_is_too_old_does_nothing_and_gets_new_ones(door: RespondersDoor) -> None:
    made = turn(responder(CALLING), query_id="4711", pressed=button(written(Action.ON_IT, K7Q2), State.OLD))

    await door.door.read(pressed(TOKEN), made)

    assert made.acts == [OUTDATED, RENEWED]


@pytest.mark.parametrize("state", [State.USED, State.OLD])
async def test_nothing_is_shown_anew_that_is_not_open_here(door: RespondersDoor, state: State) -> None:
    made = turn(responder(), query_id="4711", pressed=button(written(Action.ON_IT, K7Q2), state))

    await door.door.read(pressed(TOKEN), made)

    assert made.acts == ([PressedAgain(K7Q2)] if state is State.USED else [OUTDATED])


@pytest.mark.parametrize(
    ("says", "answer"),
    [
        (written(Action.AGREE), QUIET),
        (written(Action.LANGUAGE, None, "fr"), QUIET),
        (written(Action.AWAY, None, 8), OUTDATED),
        (written(Action.LEAVE), OUTDATED),
    ],
)
async def test_a_choice_that_was_made_is_not_made_again(door: RespondersDoor, says: str, answer: Say) -> None:
    made = turn(responder(CALLING), query_id="4711", pressed=button(says, State.USED))

    await door.door.read(pressed(TOKEN), made)

    assert made.acts == [answer]


async def test_the_link_of_a_mail_is_no_button_of_a_chat(door: RespondersDoor) -> None:
    made = turn(responder(CALLING), query_id="4711", pressed=button(written(Action.BY_MAIL, K7Q2)))

    await door.door.read(pressed(TOKEN), made)

    assert made.acts == [OUTDATED]
