"""A button carries what its reader saw, in 64 bytes; what we never wrote is read as nothing."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from escalation.people import IncidentId
from responders.presses import LONGEST, Action, Press, read, written
from responders.runbook import LINES

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
