"""A button carries what its reader saw, in 64 bytes; what we never wrote is read as nothing."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.turn import Dialogue, Turn
from escalation.people import IncidentId
from responders.presses import ALONE, LONGEST, TURNS_A_PAGE, Action, Press, acts, pressed, read, written
from responders.runbook import LINES
from store.presses import Pressed, State
from tests.responders.made import BO, K7Q2, NOW

ABOUT = [action for action in Action if action.about_an_incident]


@given(some.sampled_from(ABOUT), some.uuids(), some.lists(some.integers(0, 999_999_999), max_size=2))
def test_what_was_written_is_read_again(action: Action, incident: UUID, seen: list[int]) -> None:
    press = read(written(action, incident, *seen))

    assert press == Press(action, IncidentId(incident), tuple(map(str, seen)))
    assert [press.number(place) for place in range(len(seen))] == seen


@pytest.mark.parametrize("line", [line for lines in LINES.values() for line in lines])
def test_the_longest_button_fits(line: str) -> None:
    assert len(written(Action.TICK, UUID(int=2**128 - 1), line, 999_999_999).encode()) <= LONGEST


@given(some.none() | some.text() | some.binary() | some.integers())
def test_nothing_that_anybody_sends_raises(data: Any) -> None:
    press = read(data)

    assert press is None or isinstance(press, Press)


@pytest.mark.parametrize("data", ["", "o", "o:", "o:short", "o:" + "!" * 22, "?:" + "A" * 22, "o:" + "A" * 63, "oo"])
def test_what_is_malformed_is_nothing(data: str) -> None:
    assert read(data) is None


@pytest.mark.parametrize("number", ["", "-1", "1e3", "٣", "9" * 10, "x"])
def test_a_number_that_is_none_is_none(number: str) -> None:
    press = read(f"c:{'A' * 22}:{number}")

    assert press is not None
    assert press.number() is None


def test_a_button_has_no_filling_at_its_end_and_fits_to_the_last_byte() -> None:
    longest = written(Action.TICK, K7Q2, "a" * (LONGEST - len(written(Action.TICK, K7Q2, ""))))

    assert written(Action.ON_IT, UUID(int=0)) == "o:" + "A" * 22
    assert len(longest) == LONGEST
    assert read(longest) is not None
    assert read(longest + "a") is None


@pytest.mark.parametrize("action", sorted(ALONE))
def test_what_is_about_no_incident_is_read_without_one(action: Action) -> None:
    assert read(written(action, None, "es", 7)) == Press(action, None, ("es", "7"))


def test_what_was_seen_is_there_by_its_place_and_nothing_is_there_beyond() -> None:
    press = Press(Action.SHOW, K7Q2, ("escorted", "123456789"))

    assert (press.word(), press.number(1), press.number(2)) == ("escorted", 123456789, None)
    assert Press(Action.SHOW, K7Q2).word() == ""
    assert Press(Action.SHOW, K7Q2).number() is None


def button(action: Action) -> str:
    """What a button of this action says."""
    return written(action, K7Q2 if action.about_an_incident else None)


def turn(says: str | None) -> Turn:
    """A press: of a button of ours that says this, or of one that we do not know."""
    ours = None if says is None else Pressed("key", BO, says, State.FRESH)
    return Turn("2", NOW, Dialogue(), _never, _never, pressed=ours)


async def _never(_: object) -> Any:
    raise AssertionError("nothing is asked here")


@pytest.mark.parametrize("action", Action)
def test_only_a_button_that_turns_a_page_counts_without_a_token(action: Action) -> None:
    alone = pressed(turn(None), button(action))

    assert acts(button(action)) is (action not in TURNS_A_PAGE)
    assert alone == (read(button(action)) if action in TURNS_A_PAGE else None)


@pytest.mark.parametrize("action", Action)
def test_by_its_token_every_button_counts_but_the_one_of_a_mail(action: Action) -> None:
    by_token = pressed(turn(button(action)), button(Action.SHOW))

    assert by_token == (None if action is Action.BY_MAIL else read(button(action)))


@pytest.mark.parametrize("data", [None, "", "?", "w", 7])
def test_what_says_nothing_acts_on_nothing(data: Any) -> None:
    assert pressed(turn(None), data) is None
    assert pressed(turn("?"), button(Action.SHOW)) is None
    assert not acts("?")
