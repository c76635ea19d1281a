"""A call for help is heard at any moment, in any form, and what comes with it goes with it."""

from typing import Any

import pytest

from bot.dialogue import Asked, Enrolment
from bot.door import DefendersDoor
from bot.keys import CALL
from bot.panic import PRESS
from engine.acts import CalledForHelp, Sent, SentAlong, SentKind
from engine.door import Unreadable
from engine.turn import Dialogue
from engine.views import DefenderView

from .conftest import Read
from .made import HIDDEN_FORWARD, NOW, PHOTO, PLACE, SAY, VOICE, ana, done, edited, forgotten, invited, press, told
from .made import message as made_message
from .made import turn as made_turn
from .made import update as made_update

STATES = [state.state for state in (*Enrolment.__states__, *Asked.__states__)]
CALLS = [
    made_update(text="/panic"),
    made_update(text="/panic@daybook_bot"),
    made_update(text="SOS!"),
    made_update(text="النجدة"),
    made_update(text=SAY("en", CALL)),
    made_update(text="help", reply_to_message=made_message(text="?")),
    made_update(caption="auxilio", photo=PHOTO),
    edited(text="au secours"),
    edited(caption="socorro", photo=PHOTO),
    press(PRESS),
]


@pytest.mark.parametrize("state", [None, *STATES])
@pytest.mark.parametrize("call", CALLS)
async def test_a_call_is_heard_in_the_middle_of_every_dialogue_which_goes_on(
    read: Read, call: dict[str, Any], state: str | None
) -> None:
    dialogue = Dialogue(state, {"asked_at": NOW.isoformat(), "seconds": 60.0})
    before = Dialogue(dialogue.state, dict(dialogue.data))
    me = invited() if state in Enrolment.__state_names__ else ana()

    turn = await read(call, me, dialogue)

    assert isinstance(done(turn)[0], CalledForHelp)
    assert len(done(turn)) == 1
    assert turn.dialogue == before


@pytest.mark.parametrize("me", [ana(state="left"), ana(incident_open=True), invited(state="invited")])
async def test_a_call_is_heard_from_whoever_we_know(read: Read, me: DefenderView) -> None:
    turn = await read(made_update(text="sos"), me)

    assert done(turn) == [CalledForHelp()]


async def test_the_door_adds_no_words_to_the_engines_receipt(read: Read) -> None:
    turn = await read(made_update(text="/panic"), ana())

    assert told(turn) == []
    assert forgotten(turn) == ["11"]


async def test_what_is_said_behind_the_command_goes_with_the_call(read: Read) -> None:
    turn = await read(made_update(text="/panic two men at the gate"), ana())

    assert done(turn) == [CalledForHelp((Sent(SentKind.TEXT, "two men at the gate"),))]


async def test_the_picture_goes_with_the_call_and_out_of_the_chat(read: Read) -> None:
    turn = await read(made_update(caption="sos", photo=PHOTO), ana())

    assert done(turn) == [CalledForHelp((Sent(SentKind.PHOTO, file_id="large"),))]
    assert forgotten(turn) == ["11"]


async def test_the_key_under_a_message_is_answered_like_any_other(read: Read) -> None:
    turn = await read(press(PRESS), ana())

    assert told(turn) == ["defender.noted"]


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        ({"text": "they are inside"}, Sent(SentKind.TEXT, "they are inside")),
        ({"location": PLACE}, Sent(SentKind.PLACE, "", 4.61, -74.08)),
        ({"location": {**PLACE, "live_period": 900}}, Sent(SentKind.PLACE, "", 4.61, -74.08, live=True)),
        ({"photo": PHOTO, "caption": "car"}, Sent(SentKind.PHOTO, "car", file_id="large")),
        ({"voice": VOICE}, Sent(SentKind.VOICE, file_id="voice")),
        (
            {"document": {"file_id": "d", "file_unique_id": "d", "file_name": "plan.pdf"}},
            Sent(SentKind.DOCUMENT, file_id="d", file_name="plan.pdf"),
        ),
        (
            {"video_note": {"file_id": "n", "file_unique_id": "n", "length": 3, "duration": 3}},
            Sent(SentKind.DOCUMENT, file_id="n"),
        ),
        (
            {"video": {"file_id": "v", "file_unique_id": "v", "width": 1, "height": 1, "duration": 3}},
            Sent(SentKind.DOCUMENT, file_id="v"),
        ),
        ({"contact": {"phone_number": "+1 555", "first_name": "Max"}}, Sent(SentKind.TEXT, "Max +1 555")),
        ({"venue": {"location": PLACE, "title": "t", "address": "a"}}, Sent(SentKind.PLACE, "", 4.61, -74.08)),
    ],
)
@pytest.mark.parametrize("me", [ana(incident_open=True), ana(), invited(incident_open=True)])
async def test_what_is_sent_afterwards_is_kept(
    read: Read, content: dict[str, Any], sent: Sent, me: DefenderView
) -> None:
    turn = await read(made_update(**content), me)

    assert SentAlong(sent) in done(turn)


@pytest.mark.parametrize("me", [ana(), invited()])
async def test_a_live_place_moves_on_without_a_word(read: Read, me: DefenderView) -> None:
    turn = await read(edited(location={**PLACE, "live_period": 900}), me)

    assert done(turn) == [SentAlong(Sent(SentKind.PLACE, "", 4.61, -74.08, live=True))]
    assert told(turn) == []


async def test_an_album_is_answered_once(read: Read) -> None:
    first = await read(made_update(photo=PHOTO, media_group_id="g"), ana())
    second = await read(made_update(photo=PHOTO, media_group_id="g"), ana(), first.dialogue)

    assert (told(first), told(second)) == (["defender.noted"], [])
    assert len(done(second)) == 1


async def test_a_note_of_the_messenger_itself_is_not_answered(read: Read) -> None:
    turn = await read(made_update(message_auto_delete_timer_changed={"message_auto_delete_time": 86400}), ana())

    assert turn.acts == []


async def test_what_cannot_be_passed_on_is_answered_calmly(read: Read) -> None:
    turn = await read(made_update(dice={"emoji": "🎲", "value": 3}), ana())

    assert told(turn) == ["defender.noted"]


@pytest.mark.parametrize(
    "update",
    [
        made_update(text="hello", **HIDDEN_FORWARD),
        {"update_id": 1, "a_kind_of_next_year": {"chat": {"id": 1}}},
        {"update_id": 1},
        {"update_id": "x", "message": []},
        {},
    ],
)
async def test_what_cannot_be_decoded_is_set_aside_and_repeats_nothing(
    room: DefendersDoor, update: dict[str, Any]
) -> None:
    turn = made_turn(ana())

    with pytest.raises(Unreadable) as refused:
        await room.door.read(update, turn)

    assert refused.value.__cause__ is None
    assert "hello" not in str(refused.value)
    assert turn.acts == []


async def test_being_blocked_is_nothing_to_act_on(read: Read) -> None:
    member = {"user": {"id": 4200, "is_bot": True, "first_name": "Daybook"}}
    update = {
        "update_id": 1,
        "my_chat_member": {
            "chat": {"id": 4100, "type": "private"},
            "from": {"id": 4100, "is_bot": False, "first_name": "Ana"},
            "date": int(NOW.timestamp()),
            "old_chat_member": {**member, "status": "member"},
            "new_chat_member": {**member, "status": "kicked", "until_date": 0},
        },
    }

    turn = await read(update, ana())

    assert turn.acts == []


@pytest.mark.parametrize(
    "content",
    [
        {"text": "they took " + "x" * 4070 + "to Lima"},
        {"text": "/panic they took " + "x" * 4060 + "to Lima"},
        {"caption": "they took " + "x" * 1000 + "to Lima", "photo": PHOTO},
        {"venue": {"location": PLACE, "title": "they took", "address": "me to Lima"}},
    ],
)
async def test_of_what_is_sent_along_nothing_is_cut_off(read: Read, content: dict[str, Any]) -> None:
    turn = await read(made_update(**content), ana(incident_open=True))

    sent = [
        piece
        for act in done(turn)
        for piece in (act.sent if isinstance(act, CalledForHelp) else (act.sent,) if isinstance(act, SentAlong) else ())
    ]
    words = "".join(piece.text for piece in sent)
    assert words.startswith("they took")
    assert words.endswith("to Lima")
    assert all(len(piece.text) <= 1700 for piece in sent)
    assert all(len(piece.text) <= 340 for piece in sent if piece.file_id)
    assert not any(piece.text for piece in sent if piece.kind is SentKind.PLACE)
