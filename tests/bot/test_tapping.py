"""A code is tapped: nothing of it is in the chat, and no row of taps is answered otherwise than another."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue import PATIENCE, Enrolment
from bot.grid import SIGNS
from bot.keyboards import markup_of
from bot.keys import SIGN
from engine.acts import Asked, ChoseCode, Say
from engine.letter import Letter, Operation
from engine.turn import Dialogue, Turn
from engine.views import DefenderView
from escalation.lowering import Verdict, Want, Wish

from .conftest import Read
from .made import CODE, LANGUAGES, NOW, OTHER_WORD, SAY, WORD, ana, done, forgotten, invited, press, told, update

ME = ana(has_code=True)
SLIP, OTHER = (0, 1, 2, 9), (7, 7, 7, 7)
EDITED = "10"  # the message under which the tests press


def grid_of(turn: Turn) -> dict[int, str]:
    """What each sign's button carries in the last grid that was shown."""
    shown = [act for act in turn.acts if isinstance(act, Say) and act.template.startswith("defender.grid")][-1]
    keys: Any = shown.words["keys"]
    return {SIGNS.index(sign): "." + nonce for sign, nonce in keys}


async def tap(read: Read, turn: Turn, signs: Iterable[int], me: DefenderView = ME) -> list[Turn]:
    """Tap signs one after the other, each in a turn of its own."""
    turns = [turn]
    for sign in signs:
        turns.append(await read(press(grid_of(turns[-1])[sign]), me, turns[-1].dialogue))
    return turns[1:]


def seen(turn: Turn) -> list[tuple[Operation, str, str | None, object]]:
    """What the messenger sees of a turn, but for what is drawn by lot."""
    says = [act for act in turn.acts if isinstance(act, Say)]
    return [(act.operation, act.template, act.message_id, act.words.get("made")) for act in says]


@pytest.mark.parametrize("given", ["/ok", SAY("en", SIGN), SAY("ar", SIGN)])
async def test_the_check_in_opens_the_grid(read: Read, given: str) -> None:
    turn = await read(update(text=given), ME)

    assert told(turn) == ["defender.grid"]
    assert done(turn) == []


@pytest.mark.parametrize(("signs", "verdict"), [(CODE, Verdict.GOOD), (SLIP, Verdict.WRONG), (OTHER, Verdict.FORCED)])
async def test_four_taps_are_a_check_in_with_what_they_say(
    read: Read, signs: tuple[int, ...], verdict: Verdict
) -> None:
    turns = await tap(read, await read(update(text="/ok"), ME), signs)

    assert [done(turn) for turn in turns[:-1]] == [[], [], []]
    assert done(turns[-1]) == [Asked(Wish(Want.SIGN), verdict)]
    assert turns[-1].dialogue == Dialogue()


@pytest.mark.parametrize("command", ["/ok", "/pause 2d", "/leave", "/times 10:00", "/code"])
async def test_no_row_is_answered_otherwise_than_another(read: Read, command: str) -> None:
    rows = [await tap(read, await read(update(text=command), ME), signs) for signs in (CODE, SLIP, OTHER)]

    assert [seen(turn) for turn in rows[0]] == [seen(turn) for turn in rows[1]] == [seen(turn) for turn in rows[2]]
    assert all(operation in (Operation.ANSWER, Operation.EDIT) for turn in rows[0] for operation, *_ in seen(turn))


async def test_only_the_number_of_taps_is_seen(read: Read) -> None:
    turns = await tap(read, await read(update(text="/ok"), ME), CODE)

    assert [made for turn in turns for *_, made in seen(turn) if made] == ["●○○○", "●●○○", "●●●○"]
    assert seen(turns[-1])[-1] == (Operation.EDIT, "defender.noted", EDITED, None)


async def test_a_button_says_nothing_and_is_never_the_same_again(read: Read) -> None:
    turns = await tap(read, await read(update(text="/ok"), ME), CODE)
    carried = [data for turn in turns[:-1] for data in grid_of(turn).values()]

    assert len(set(carried)) == len(carried)
    assert all(16 <= len(data) <= 64 and data.isascii() for data in carried)


async def test_the_signs_stand_in_another_order_each_time_and_stay_while_a_row_is_tapped(read: Read) -> None:
    first, second = [await read(update(text="/ok"), ME) for _ in range(2)]
    tapped = await tap(read, first, CODE[:1])

    assert list(grid_of(first)) == list(grid_of(tapped[0]))
    assert sorted(grid_of(first)) == list(range(len(SIGNS)))
    orders = [tuple(grid_of(await read(update(text="/ok"), ME))) for _ in range(5)]
    assert len({*orders, tuple(grid_of(second))}) > 1


async def test_a_quick_finger_loses_no_tap(read: Read) -> None:
    turn = await read(update(text="/ok"), ME)
    buttons = grid_of(turn)
    for sign in CODE:
        turn = await read(press(buttons[sign]), ME, turn.dialogue)

    assert done(turn) == [Asked(Wish(Want.SIGN), Verdict.GOOD)]


async def test_a_button_that_bounces_counts_once(read: Read) -> None:
    opened = await read(update(text="/ok"), ME)
    once = await read(press(grid_of(opened)[0]), ME, opened.dialogue)
    twice = await read(press(grid_of(opened)[0]), ME, once.dialogue)

    assert told(twice) == ["defender.noted"]
    assert twice.dialogue == once.dialogue


async def test_a_row_of_another_time_begins_anew_and_is_answered_alike(read: Read) -> None:
    opened = await read(update(text="/ok"), ME)
    late = NOW + PATIENCE + timedelta(minutes=1)

    turn = await read(press(grid_of(opened)[0]), ME, opened.dialogue, now=late)

    assert seen(turn) == [
        (Operation.ANSWER, "defender.noted", "77", None),
        (Operation.EDIT, "defender.grid", EDITED, "○○○○"),
    ]


async def test_an_old_row_does_not_disturb_the_one_that_is_being_tapped(read: Read) -> None:
    old = await read(update(text="/ok"), ME)
    asked = await read(update(text="/pause 2d"), ME, old.dialogue)

    turn = await read(press(grid_of(old)[0]), ME, asked.dialogue)

    assert seen(turn)[-1] == (Operation.EDIT, "defender.noted", EDITED, None)
    assert turn.dialogue == asked.dialogue


@pytest.mark.parametrize(
    ("command", "wish"),
    [
        ("/pause 2d", Wish(Want.PAUSE, timedelta(days=2))),
        ("/leave", Wish(Want.LEAVE)),
    ],
)
async def test_what_lowers_protection_waits_for_the_code(read: Read, command: str, wish: Wish) -> None:
    asked = await read(update(text=command), ME)
    turns = await tap(read, asked, OTHER)

    assert done(asked) == []
    assert done(turns[-1]) == [Asked(wish, Verdict.FORCED)]


async def test_the_safe_word_may_be_sent_in_place_of_the_code(read: Read) -> None:
    asked = await read(update(text="/pause 2d"), ME)
    turn = await read(update(text=WORD), ME, asked.dialogue)

    assert done(turn) == [Asked(Wish(Want.PAUSE, timedelta(days=2)), Verdict.GOOD)]


async def test_the_safe_word_sent_while_a_check_in_is_tapped_is_a_check_in(read: Read) -> None:
    opened = await read(update(text="/ok"), ME)
    turn = await read(update(text=WORD), ME, opened.dialogue)

    assert done(turn) == [Asked(Wish(Want.TEXT), Verdict.GOOD)]


@pytest.mark.parametrize(("old", "verdict"), [(CODE, Verdict.GOOD), (SLIP, Verdict.WRONG), (OTHER, Verdict.FORCED)])
async def test_another_code_is_asked_for_alike_whatever_was_tapped_for_the_old_one(
    read: Read, old: tuple[int, ...], verdict: Verdict
) -> None:
    new = (4, 5, 6, 7)
    turns = await tap(read, await read(update(text="/code"), ME), [*old, *new, *new])

    shown = [template for turn in turns for _, template, *_ in seen(turn) if template != "defender.noted"]
    assert shown == ["defender.grid.old"] * 3 + ["defender.grid.new"] * 4 + ["defender.grid.again"] * 4
    assert done(turns[-1]) == [Asked(Wish(Want.CODE, hashed=f"hash of {list(new)}"), verdict)]


@pytest.mark.parametrize(
    ("word", "verdict"), [(WORD, Verdict.GOOD), (OTHER_WORD, Verdict.FORCED), ("red kite", Verdict.WRONG)]
)
async def test_a_first_code_is_asked_for_with_the_safe_word_and_alike_whatever_it_says(
    read: Read, word: str, verdict: Verdict
) -> None:
    me, new = ana(), (4, 5, 6, 7)
    asks = await read(update(text="/code"), me)
    given = await read(update(text=word), me, asks.dialogue)
    turns = await tap(read, given, [*new, *new], me)

    assert told(asks) == ["defender.ask_old_word"]
    assert (told(given), forgotten(given)) == (["defender.grid.new"], ["11"])
    assert done(turns[-1]) == [Asked(Wish(Want.CODE, hashed=f"hash of {list(new)}"), verdict)]


@pytest.mark.parametrize("twice", [((4, 5, 6, 7), (4, 5, 7, 6)), ((5, 5, 5, 5), (5, 5, 5, 5))])
async def test_a_code_that_was_not_tapped_alike_or_is_one_sign_is_chosen_again(
    read: Read, twice: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    turns = await tap(read, await read(update(text="/code"), ME), [*CODE, *twice[0], *twice[1]])

    assert seen(turns[-1])[-1][1] == "defender.grid.differs"
    assert all(done(turn) == [] for turn in turns)


async def test_a_code_is_chosen_in_enrolment_and_then_consent_is_asked(read: Read) -> None:
    me = invited(has_safe_word=True)
    opened = await read(update(text="hello"), me, Dialogue(Enrolment.code.state))

    turns = await tap(read, opened, [*CODE, *CODE], me)

    assert done(turns[-1]) == [ChoseCode(f"hash of {list(CODE)}")]
    assert told(turns[-1])[-1] == "defender.consent"
    assert turns[-1].dialogue.state == Enrolment.consent.state


def test_the_grid_is_one_key_for_each_sign() -> None:
    keys: list[Any] = [[sign, f"nonce{number}"] for number, sign in enumerate(SIGNS)]
    words: Mapping[str, Any] = {"made": "○○○○", "keys": keys}

    markup: Any = markup_of(Letter(1, Operation.SEND, "defender.grid", words, "en", "UTC"), SAY, LANGUAGES)

    labels = [[button.text for button in row] for row in markup.inline_keyboard]
    assert [len(row) for row in labels] == [3, 3, 3, 3]
    assert [label for row in labels for label in row] == list(SIGNS)


def test_the_signs_are_twelve_and_no_two_alike() -> None:
    assert len(set(SIGNS)) == len(SIGNS) == 12


@pytest.mark.parametrize(("row", "verdict"), [(CODE, Verdict.GOOD), (SLIP, Verdict.WRONG), (OTHER, Verdict.FORCED)])
async def test_another_safe_word_is_asked_for_with_the_code(read: Read, row: tuple[int, ...], verdict: Verdict) -> None:
    turns = await tap(read, await read(update(text="/word"), ME), row)
    new = await read(update(text="green finch"), ME, turns[-1].dialogue)

    assert told(turns[-1])[-1] == "defender.ask_new_word"
    assert done(new) == [Asked(Wish(Want.WORD, hashed="hash of green finch"), verdict)]


async def test_the_old_safe_word_may_be_sent_in_place_of_the_code_for_another_one(read: Read) -> None:
    asks = await read(update(text="/word"), ME)
    old = await read(update(text=WORD), ME, asks.dialogue)
    new = await read(update(text="green finch"), ME, old.dialogue)

    assert done(new) == [Asked(Wish(Want.WORD, hashed="hash of green finch"), Verdict.GOOD)]
