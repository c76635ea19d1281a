"""Enrolment asks one thing after another; bad input gets one sentence and loses nothing."""

from datetime import time
from typing import Any

import pytest

from bot.dialogue import Enrolment
from engine.acts import (
    Agreed,
    ChoseLanguage,
    ChoseSafeWord,
    ChoseTimes,
    ChoseZone,
    Left,
    Say,
    Sent,
    SentAlong,
    SentKind,
)
from engine.letter import Operation
from engine.turn import CALLED, Dialogue

from .conftest import Read
from .made import NOW, PLACE, ana, done, edited, forgotten, invited, press, told, update, words_of

QUESTIONS = {
    Enrolment.language: "defender.choose_language",
    Enrolment.place: "defender.ask_place",
    Enrolment.times: "defender.ask_times",
    Enrolment.word: "defender.ask_safe_word",
    Enrolment.consent: "defender.consent",
}


def at(step: Any) -> Dialogue:
    """A conversation that waits for the answer to `step`."""
    return Dialogue(step.state, {})


async def test_an_invitation_begins_with_the_language(read: Read) -> None:
    turn = await read(update(text="/start K7Q2"), invited(state="invited"), new_here=True)

    assert told(turn) == ["defender.choose_language"]
    assert turn.dialogue.state == Enrolment.language.state


@pytest.mark.parametrize("answer", [press("language:es"), update(text="español"), update(text="ES")])
async def test_the_language_is_pressed_or_typed(read: Read, answer: dict[str, Any]) -> None:
    turn = await read(answer, invited(), at(Enrolment.language))

    assert done(turn) == [ChoseLanguage("es")]
    assert told(turn)[-1] == "defender.ask_place"
    assert turn.dialogue.state == Enrolment.place.state


@pytest.mark.parametrize("place", [{"text": "Medellín"}, {"text": "america/bogota"}, {"location": PLACE}])
async def test_a_place_is_shown_with_its_clock_before_it_is_set(read: Read, place: dict[str, Any]) -> None:
    turn = await read(update(**place), invited(), at(Enrolment.place))

    assert done(turn) == []
    assert words_of(turn, "defender.confirm_zone") == {"zones": ["America/Bogota"], "now": NOW.isoformat()}
    assert turn.dialogue.state == Enrolment.place.state


async def test_the_zone_whose_clock_is_right_is_set(read: Read) -> None:
    turn = await read(press("zone:America/Bogota"), invited(), at(Enrolment.place))

    assert done(turn) == [ChoseZone("America/Bogota")]
    assert told(turn) == ["defender.noted", "defender.ask_times"]


async def test_a_zone_whose_clock_is_wrong_is_asked_for_again(read: Read) -> None:
    turn = await read(press("place:other"), invited(), at(Enrolment.place))

    assert done(turn) == []
    assert told(turn) == ["defender.noted", "defender.ask_place"]


async def test_the_times_are_set(read: Read) -> None:
    turn = await read(update(text="9:00 and 21:00"), invited(), at(Enrolment.times))

    assert done(turn) == [ChoseTimes((time(9), time(21)))]
    assert told(turn) == ["defender.ask_safe_word"]


async def test_the_safe_word_is_hashed_and_its_message_deleted(read: Read) -> None:
    turn = await read(update(text="  Blue HERON "), invited(times=(time(9),)), at(Enrolment.word))

    assert done(turn) == [ChoseSafeWord("hash of blue heron")]
    assert forgotten(turn) == ["11"]
    assert told(turn) == ["defender.grid.new"]
    assert turn.dialogue.state == Enrolment.code.state


async def test_what_will_happen_is_told_in_numbers_and_without_names(read: Read) -> None:
    me = ana(state="enrolling")

    turn = await read(update(text="/start"), me, at(Enrolment.consent))

    words = words_of(turn, "defender.consent")
    assert words["at_once"] == 3
    assert words["tiers"] == [
        {"role": "contact", "people": 2, "after": 1800.0},
        {"role": "lawyer", "people": 1, "after": 7200.0},
        {"role": "partner", "people": 3, "after": 21600.0},
    ]


async def test_what_is_agreed_to_names_the_zone_that_was_chosen_last(read: Read) -> None:
    turn = await read(press("zone:Asia/Kathmandu"), ana(state="enrolling"), at(Enrolment.consent))

    assert done(turn) == [ChoseZone("Asia/Kathmandu")]
    assert words_of(turn, "defender.consent")["zone"] == "Asia/Kathmandu"


async def test_consent_makes_active_and_gives_the_keys(read: Read) -> None:
    turn = await read(press("agree"), ana(state="enrolling", one_tap=True), at(Enrolment.consent))

    assert done(turn) == [Agreed()]
    assert told(turn) == ["defender.noted", "defender.keys"]
    assert words_of(turn, "defender.keys") == {"sign": True}
    assert turn.dialogue == Dialogue()


async def test_what_was_agreed_to_stays_as_it_was_read(read: Read) -> None:
    asked = await read(update(text="/start"), ana(state="enrolling"), at(Enrolment.consent))

    agreed = await read(press("agree"), ana(state="enrolling", at_once=9), asked.dialogue)

    shown = {**words_of(asked, "defender.consent"), "agreed": True}
    assert Say(Operation.EDIT, "defender.consent", shown, "10") in agreed.acts


@pytest.mark.parametrize("step", [step for step in QUESTIONS if step is not Enrolment.consent])
async def test_consent_cannot_be_given_before_it_is_asked_for(read: Read, step: Any) -> None:
    turn = await read(press("agree"), invited(), at(step))

    assert done(turn) == []
    assert told(turn) == ["defender.press_old"]


@pytest.mark.parametrize(
    ("step", "typed", "sentence"),
    [
        (Enrolment.language, "klingon", "defender.choose_language"),
        (Enrolment.place, "Nowhere", "defender.place_unknown"),
        (Enrolment.times, "in the morning", "defender.times_bad"),
        (Enrolment.word, "abc", "defender.word_bad"),
        (Enrolment.word, " a b ", "defender.word_bad"),
        (Enrolment.consent, "maybe", "defender.consent"),
    ],
)
async def test_bad_input_gets_one_sentence_and_the_question_stays(
    read: Read, step: Any, typed: str, sentence: str
) -> None:
    turn = await read(update(text=typed), invited(), at(step))

    assert told(turn) == [sentence]
    assert done(turn) == []
    assert turn.dialogue.state == step.state


async def test_a_word_that_cannot_be_taken_is_deleted_too(read: Read) -> None:
    turn = await read(update(text="abc"), invited(), at(Enrolment.word))

    assert forgotten(turn) == ["11"]


@pytest.mark.parametrize("step", QUESTIONS)
async def test_start_shows_the_question_again(read: Read, step: Any) -> None:
    turn = await read(update(text="/start"), invited(), at(step))

    assert told(turn) == [QUESTIONS[step]]
    assert turn.dialogue.state == step.state


@pytest.mark.parametrize(
    ("known", "question"),
    [
        ({}, "defender.choose_language"),
        ({"times": (time(9),)}, "defender.ask_safe_word"),
        ({"times": (time(9),), "has_safe_word": True}, "defender.grid.new"),
        ({"times": (time(9),), "has_safe_word": True, "has_code": True}, "defender.consent"),
    ],
)
async def test_a_conversation_that_was_lost_goes_on_with_what_we_lack(
    read: Read, known: dict[str, Any], question: str
) -> None:
    turn = await read(update(text="hello"), invited(**known))

    assert told(turn) == [question]


@pytest.mark.parametrize("command", ["/help", "/later 1h", "/ok word", "/times 9:00"])
async def test_other_commands_wait_until_this_is_finished(read: Read, command: str) -> None:
    turn = await read(update(text=command), invited(), at(Enrolment.times))

    assert told(turn) == ["defender.help_first"]
    assert turn.dialogue.state == Enrolment.times.state


async def test_leaving_needs_no_word_yet(read: Read) -> None:
    turn = await read(update(text="/leave"), invited(), at(Enrolment.place))

    assert done(turn) == [Left()]
    assert told(turn) == ["defender.left_early"]


async def test_another_language_puts_the_same_question_again(read: Read) -> None:
    asked = await read(update(text="/language"), invited(), at(Enrolment.times))
    chosen = await read(press("language:fr"), invited(), asked.dialogue)

    assert done(chosen) == [ChoseLanguage("fr")]
    assert told(chosen)[-1] == "defender.ask_times"


async def test_a_late_press_on_a_zone_corrects_it_and_puts_the_same_question(read: Read) -> None:
    turn = await read(press("zone:Europe/Paris"), invited(times=(time(9),)), at(Enrolment.word))

    assert done(turn) == [ChoseZone("Europe/Paris")]
    assert told(turn)[-1] == "defender.ask_safe_word"


@pytest.mark.parametrize("data", ["zone:Moon/Crater", "language:tlh", "nonsense"])
async def test_a_button_that_never_was_changes_nothing(read: Read, data: str) -> None:
    turn = await read(press(data), invited(), at(Enrolment.place))

    assert done(turn) == []
    assert told(turn) == ["defender.press_old"]


async def test_a_changed_message_is_not_taken_for_the_answer(read: Read) -> None:
    turn = await read(edited(text="Bogota 2"), invited(), at(Enrolment.word))

    assert done(turn) == []
    assert told(turn) == ["defender.send_again"]


@pytest.mark.parametrize("step", [Enrolment.language, Enrolment.place, Enrolment.times, Enrolment.consent])
async def test_what_is_written_after_a_call_reaches_those_who_were_called(read: Read, step: Any) -> None:
    turn = await read(update(text="they took my bag"), invited(incident_open=True), at(step))

    assert done(turn) == [SentAlong(Sent(SentKind.TEXT, "they took my bag"))]


@pytest.mark.parametrize("incident_open", [True, False])
async def test_a_cry_after_a_call_is_not_taken_for_a_safe_word(read: Read, incident_open: bool) -> None:
    here = Dialogue(Enrolment.word.state, {CALLED: True})

    turn = await read(update(text="they took my bag"), invited(incident_open=incident_open), here)

    assert done(turn) == [SentAlong(Sent(SentKind.TEXT, "they took my bag"))]
    assert told(turn) == ["defender.noted"]
    assert turn.dialogue.state == Enrolment.word.state


@pytest.mark.parametrize("incident_open", [True, False])
async def test_the_answer_to_a_word_does_not_show_whether_a_call_is_open(read: Read, incident_open: bool) -> None:
    turn = await read(update(text="Blue  Heron"), invited(incident_open=incident_open), at(Enrolment.word))

    assert done(turn) == [ChoseSafeWord("hash of blue heron")]
    assert told(turn) == ["defender.grid.new"]


async def test_who_asks_for_the_question_again_after_a_call_goes_on(read: Read) -> None:
    turn = await read(update(text="/start"), invited(), Dialogue(Enrolment.word.state, {CALLED: True}))

    assert told(turn) == ["defender.ask_safe_word"]
    assert turn.dialogue == Dialogue(Enrolment.word.state, {})


async def test_a_changed_cry_after_a_call_is_kept(read: Read) -> None:
    turn = await read(edited(text="they took my bag"), invited(incident_open=True), at(Enrolment.times))

    assert done(turn) == [SentAlong(Sent(SentKind.TEXT, "they took my bag"))]
