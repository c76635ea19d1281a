"""An invited person is told what will be asked of them, in their language, and nothing is asked before they agree."""

from dataclasses import replace
from typing import Any

import pytest

from engine.acts import Agreed, ChoseLanguage, Left, Say
from engine.letter import Operation
from engine.turn import Turn
from escalation.people import Role
from responders.door import LANGUAGES, RespondersDoor
from responders.presses import Action, written
from responders.showing import page_of

from .made import CALLING, K7Q2, SAY, TOKEN, button, letter, pressed, responder, turn, wrote

INVITED = responder(CALLING, state="enrolling")


async def read(door: RespondersDoor, update: dict[str, Any], **changes: Any) -> Turn:
    made = turn(INVITED, query_id="4711" if "callback_query" in update else None, **changes)
    await door.door.read(update, made)
    return made


async def test_the_invitation_is_answered_with_the_briefing(door: RespondersDoor) -> None:
    made = await read(door, wrote("/start CODE-9"), new_here=True)

    assert made.acts == [Say(Operation.SEND, "responder.welcome", {"role": "contact"})]


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_briefing_with_languages_and_consent(role: Role) -> None:
    page = page_of(letter("responder.welcome", words={"role": role.value}), SAY, LANGUAGES)

    labels = [label for row in page.rows for label, _ in row]
    assert labels == ["English", "Español", "Français", "Português", "العربية", "Русский", "I agree", "No, thank you"]
    assert SAY("en", f"responder.briefing.{role.value}") in page.text


async def test_another_language_shows_the_briefing_in_it_in_the_same_message(door: RespondersDoor) -> None:
    made = await read(door, pressed(TOKEN), pressed=button(written(Action.LANGUAGE, None, "ar")))

    assert made.acts[1:] == [
        ChoseLanguage("ar"),
        Say(Operation.ANSWER, "responder.quiet", {}, "4711"),
        Say(Operation.EDIT, "responder.welcome", {"role": "contact"}, "9"),
    ]


async def test_consent_is_one_press(door: RespondersDoor) -> None:
    made = await read(door, pressed(TOKEN), pressed=button(written(Action.AGREE)))

    assert made.acts[1:] == [
        Say(Operation.ANSWER, "responder.quiet", {}, "4711"),
        Say(Operation.EDIT, "responder.welcome", {"role": "contact", "agreed": True}, "9"),
        Agreed(),
    ]


def test_the_briefing_that_was_agreed_to_stays_without_its_buttons() -> None:
    asked, agreed = (
        page_of(letter("responder.welcome", words={"role": "contact", **more}), SAY, LANGUAGES)
        for more in ({}, {"agreed": True})
    )

    assert (agreed.text, agreed.rows) == (asked.text, ())


async def test_an_invitation_can_be_declined(door: RespondersDoor) -> None:
    made = await read(door, pressed(TOKEN), pressed=button(written(Action.LEAVE)))

    assert made.acts[1:] == [Left()]


@pytest.mark.parametrize("update", [wrote("hello"), wrote("/open"), wrote("/away 8h"), wrote("/leave")])
async def test_before_consent_words_are_answered_calmly_and_do_nothing(
    door: RespondersDoor, update: dict[str, Any]
) -> None:
    made = await read(door, update)

    assert made.acts == [Say(Operation.SEND, "responder.agree_first", {})]


async def test_before_consent_no_button_of_an_alarm_counts(door: RespondersDoor) -> None:
    made = await read(door, pressed(TOKEN), pressed=button(written(Action.ON_IT, K7Q2)))

    assert made.acts == [Say(Operation.ANSWER, "responder.agree_first", {}, "4711")]


@pytest.mark.parametrize("update", [wrote("hello"), wrote("/start"), wrote("/open")])
async def test_whoever_agreed_and_was_not_recognised_yet_is_shown_the_words(
    door: RespondersDoor, update: dict[str, Any]
) -> None:
    made = turn(replace(INVITED, agreed=True, check="maple river otter lemon"))

    await door.door.read(update, made)

    assert made.acts == [Say(Operation.SEND, "responder.check", {"words": "maple river otter lemon"})]


def test_the_words_are_shown_with_what_to_do_with_them() -> None:
    page = page_of(letter("responder.check", words={"words": "maple river otter lemon"}), SAY, LANGUAGES)

    assert "maple river otter lemon" in page.text
    assert page.rows == ()


@pytest.mark.parametrize("update", [wrote("hello"), pressed(written(Action.ON_IT, K7Q2)), wrote("/start")])
async def test_who_was_removed_hears_and_does_nothing(door: RespondersDoor, update: dict[str, Any]) -> None:
    made = turn(responder(CALLING, state="removed"), query_id="4711")

    await door.door.read(update, made)

    assert made.acts == []
