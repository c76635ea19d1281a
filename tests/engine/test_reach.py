"""Whether a messenger answers, as far as sends show it: who is not answered leaves to others what they can send."""

import pytest

from engine.letter import DeliveryFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure
from engine.reach import AT_ONCE, HEAD_START, STUCK_AFTER, SUSPECT_AFTER, TRIED_AFTER, Reach

NO_ANSWER = OutcomeUnknown("no_answer")
A_MOMENT = 0.1


def asked(*, among: int = 2) -> Reach:
    """One letter has been under way since second 100."""
    reach = Reach(among)
    reach.asked(100.0)
    return reach


def failed(failure: DeliveryFailure = NO_ANSWER, *, among: int = 2) -> Reach:
    """It came to this end in second 110."""
    reach = asked(among=among)
    reach.refused(failure, 110.0)
    return reach


def test_who_waits_for_an_answer_for_too_long_leaves_the_rest_to_others() -> None:
    reach = asked()

    assert not reach.is_cut_off(100.0 + SUSPECT_AFTER)
    assert reach.is_cut_off(100.0 + SUSPECT_AFTER + A_MOMENT)
    assert reach.head_start(100.0 + SUSPECT_AFTER + A_MOMENT) == HEAD_START


def test_an_answer_to_one_letter_counts_for_all_that_are_under_way() -> None:
    reach = asked()
    reach.asked(100.0)

    reach.took(100.0 + SUSPECT_AFTER)

    assert not reach.is_cut_off(100.0 + 2 * SUSPECT_AFTER)
    assert reach.is_cut_off(100.0 + 2 * SUSPECT_AFTER + A_MOMENT)


def test_who_has_nothing_under_way_waits_for_nothing() -> None:
    reach = asked()
    reach.took(101.0)

    assert not reach.is_cut_off(500.0)
    reach.asked(500.0)
    assert not reach.is_cut_off(500.0 + SUSPECT_AFTER)


@pytest.mark.parametrize("failure", [NO_ANSWER, TemporaryFailure("not_reached"), TemporaryFailure("server_error")])
def test_who_was_not_answered_is_cut_off_until_something_is_taken(failure: DeliveryFailure) -> None:
    reach = failed(failure)

    assert reach.is_cut_off(110.0)
    assert reach.is_cut_off(1000.0)
    reach.asked(1000.0)
    reach.took(1000.0 + A_MOMENT)
    assert not reach.is_cut_off(1000.0 + A_MOMENT)
    assert reach.head_start(1000.0 + A_MOMENT) == AT_ONCE


@pytest.mark.parametrize("failure", [PermanentFailure("blocked"), TemporaryFailure("flood_limit", retry_in=3.0)])
def test_a_refusal_with_a_reason_is_an_answer(failure: DeliveryFailure) -> None:
    assert not failed(failure).is_cut_off(110.0)


def test_who_knows_otherwise_that_nobody_answers_leaves_it_to_others_until_something_is_taken() -> None:
    reach = Reach(among=2)

    reach.doubt(100.0)

    assert reach.is_cut_off(100.0)
    reach.asked(101.0)
    reach.took(101.5)
    assert not reach.is_cut_off(101.5)


def test_who_knows_otherwise_that_it_is_answered_is_not_cut_off() -> None:
    reach = failed()
    reach.asked(120.0)

    reach.believe(130.0)

    assert not reach.is_cut_off(130.0 + SUSPECT_AFTER)
    assert reach.is_cut_off(130.0 + SUSPECT_AFTER + A_MOMENT)


def test_who_is_alone_leaves_nothing_to_anybody() -> None:
    for reach in (asked(among=1), failed(among=1)):
        assert not reach.is_cut_off(500.0)
        assert reach.head_start(500.0) == AT_ONCE


def test_after_a_while_one_letter_is_tried_without_a_head_start_for_others() -> None:
    reach = failed()

    assert reach.head_start(110.0 + TRIED_AFTER) == HEAD_START
    assert reach.head_start(110.0 + TRIED_AFTER + A_MOMENT) == AT_ONCE
    assert reach.is_cut_off(110.0 + TRIED_AFTER + A_MOMENT)


def test_who_fails_for_long_without_one_success_is_stuck_and_a_success_ends_it() -> None:
    reach = failed()
    reach.asked(120.0)
    reach.refused(NO_ANSWER, 130.0)

    assert not reach.is_stuck(110.0 + STUCK_AFTER)
    assert reach.is_stuck(110.0 + STUCK_AFTER + A_MOMENT)
    reach.asked(500.0)
    assert reach.took(501.0) == 501.0
    assert not reach.is_stuck(1000.0)


def test_a_chat_that_is_gone_makes_nobody_stuck() -> None:
    assert not failed(PermanentFailure("blocked")).is_stuck(1000.0)
