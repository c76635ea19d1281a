"""A text is passed on only where that was plainly meant; everything else is answered calmly."""

from datetime import timedelta
from typing import Any

import pytest

from engine.acts import Act, Reported, Say
from engine.letter import Operation
from engine.turn import Dialogue, Turn
from responders.door import RespondersDoor
from responders.presses import Action, written
from responders.showing import page_of
from responders.writing import PATIENCE

from .made import CALLING, CHAT, K7Q2, NOW, PERSON, SAY, letter, pressed, responder, turn, wrote

ALARM = {
    "message_id": 4,
    "date": 1_772_459_000,
    "chat": CHAT,
    "from": PERSON,
    "text": "CALL FOR HELP: Ana\nK7Q2 · 14:02",
}


async def read(door: RespondersDoor, update: dict[str, Any], **changes: Any) -> Turn:
    """The turn after one message of Bo's, who was alarmed about K7Q2."""
    made = turn(responder(CALLING), **changes)
    await door.door.read(update, made)
    return made


def told(acts: list[Act]) -> list[str]:
    """The templates that are said."""
    return [act.template for act in acts if isinstance(act, Say) and act.operation is Operation.SEND]


async def asked(door: RespondersDoor) -> Dialogue:
    """Where the conversation stands after "Tell what you found"."""
    made = turn(responder(CALLING), query_id="4711")
    await door.door.read(pressed(written(Action.REPORT, K7Q2)), made)
    assert told(made.acts) == ["responder.tell"]
    return made.dialogue


async def test_the_next_text_after_the_button_is_the_report(door: RespondersDoor) -> None:
    made = await read(door, wrote("  She is at her sister's  "), dialogue=await asked(door))

    assert made.acts == [Reported(K7Q2, "She is at her sister's")]
    assert made.dialogue == Dialogue()


async def test_a_long_report_is_passed_on_whole(door: RespondersDoor) -> None:
    long = "😀" * 2048

    made = await read(door, wrote(long), dialogue=await asked(door))

    reports = [act.text for act in made.acts if isinstance(act, Reported)]
    news = ({"news": "report", "by_name": "Bo", "text": text} for text in reports)
    pages = [page_of(letter("responder.news", CALLING, words=words), SAY, ()) for words in news]
    assert "".join(reports) == long
    assert all(text in page.text for text, page in zip(reports, pages, strict=True))


async def test_a_text_in_answer_to_the_alarm_is_a_report(door: RespondersDoor) -> None:
    made = await read(door, wrote("Nobody answers", reply_to_message=ALARM))

    assert made.acts == [Reported(K7Q2, "Nobody answers")]


async def test_an_alarm_whose_short_name_is_not_shown_is_known_by_its_buttons(door: RespondersDoor) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Show", "callback_data": written(Action.SHOW, K7Q2)}]]}
    photo = {**ALARM, "text": "A photo came", "reply_markup": keyboard}

    made = await read(door, wrote("I know this street", reply_to_message=photo))

    assert made.acts == [Reported(K7Q2, "I know this street")]


async def test_the_words_under_a_picture_are_a_report_too_and_only_they(door: RespondersDoor) -> None:
    photo = [{"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}]

    made = await read(door, wrote(photo=photo, caption="Her door is open"), dialogue=await asked(door))

    assert made.acts == [Reported(K7Q2, "Her door is open"), Say(Operation.SEND, "responder.only_words", {})]


async def test_something_without_words_is_not_lost_silently(door: RespondersDoor) -> None:
    made = await read(door, wrote(location={"latitude": 1.0, "longitude": 2.0}), dialogue=await asked(door))

    assert told(made.acts) == ["responder.only_words"]
    assert made.dialogue.state == "report"


@pytest.mark.parametrize("text", ["Is anybody there?", "on it", "K7Q2"])
async def test_a_text_that_nobody_asked_for_is_passed_on_to_nobody(door: RespondersDoor, text: str) -> None:
    made = await read(door, wrote(text))

    assert made.acts == [Say(Operation.SEND, "responder.lost", {})]


async def test_a_text_long_after_the_question_is_no_report(door: RespondersDoor) -> None:
    later = NOW + PATIENCE + timedelta(seconds=1)

    made = await read(door, wrote("What is for dinner?"), dialogue=await asked(door), now=later)

    assert told(made.acts) == ["responder.lost"]


async def test_a_report_about_what_was_closed_meanwhile_says_so(door: RespondersDoor) -> None:
    made = turn(responder(), dialogue=await asked(door))
    await door.door.read(wrote("She is well"), made)

    assert made.acts == [Say(Operation.SEND, "responder.closed_meanwhile", {})]
    assert made.dialogue == Dialogue()


async def test_cancel_ends_the_question(door: RespondersDoor) -> None:
    made = await read(door, wrote("/cancel"), dialogue=await asked(door))

    assert told(made.acts) == ["responder.tell_cancelled"]
    assert made.dialogue == Dialogue()


async def test_a_command_is_no_report(door: RespondersDoor) -> None:
    made = await read(door, wrote("/open"), dialogue=await asked(door))

    assert told(made.acts) == ["responder.open_list"]


async def test_whoever_changes_a_message_is_told_that_nobody_sees_it(door: RespondersDoor) -> None:
    update = {"update_id": 3, "edited_message": {**wrote("She is well")["message"], "edit_date": 1_772_460_100}}

    made = await read(door, update)

    assert told(made.acts) == ["responder.no_edits"]


async def test_a_broken_dialogue_is_as_none(door: RespondersDoor) -> None:
    made = await read(door, wrote("hello"), dialogue=Dialogue("report", {"incident": "?", "asked_at": None}))

    assert told(made.acts) == ["responder.lost"]


@pytest.mark.parametrize("note", [{"write_access_allowed": {}}, {"pinned_message": ALARM}])
async def test_what_the_messenger_notes_in_a_chat_is_not_answered(door: RespondersDoor, note: dict[str, Any]) -> None:
    dialogue = await asked(door)

    made = await read(door, wrote(**note), dialogue=dialogue)

    assert made.acts == []
    assert made.dialogue == dialogue
