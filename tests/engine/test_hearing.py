"""Silence means silence only while we hear."""

from datetime import UTC, datetime, timedelta

from engine.hearing import CATCH_UP_AT_MOST, DEAF_AFTER, GIVEN_UP_AFTER, Hearing, State

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOTH = ("defenders", "responders")


def hearing_at_zero() -> Hearing:
    ears = Hearing(BOTH, 0.0, NOON - timedelta(hours=3))
    for source in BOTH:
        ears.answered(source, more_waits=False, seconds=1.0, now=NOON)
    assert ears.caught_up(1.0, all_is_read=True)
    ears.hear_again(NOON)
    return ears


def test_a_start_is_a_time_of_catching_up_until_the_backlog_is_read_and_handled() -> None:
    ears = Hearing(BOTH, 0.0, NOON - timedelta(hours=3))

    ears.answered("defenders", more_waits=True, seconds=1.0, now=NOON)
    ears.answered("responders", more_waits=False, seconds=1.0, now=NOON)

    assert ears.state(1.0) is State.CATCHING_UP
    assert not ears.caught_up(1.0, all_is_read=True)
    ears.answered("defenders", more_waits=False, seconds=2.0, now=NOON)
    assert not ears.caught_up(2.0, all_is_read=False)
    assert ears.caught_up(2.0, all_is_read=True)
    assert ears.hear_again(NOON) == timedelta(hours=3)
    assert ears.state(2.0) is State.HEARING


async def test_what_is_given_while_the_inbox_is_looked_at_is_read_before_catching_up_ends() -> None:
    ears = Hearing(BOTH, 0.0, NOON - timedelta(hours=3))
    ears.answered("responders", more_waits=False, seconds=1.0, now=NOON)

    async def empty_until_somebody_is_heard() -> bool:
        ears.answered("defenders", more_waits=False, seconds=2.0, now=NOON)  # and what they gave is in the inbox now
        return True

    async def empty() -> bool:
        return True

    assert not await ears.look_around(empty_until_somebody_is_heard, lambda: 2.0)
    assert await ears.look_around(empty, lambda: 2.0)


def test_catching_up_is_bounded() -> None:
    ears = Hearing(BOTH, 0.0, None)

    assert not ears.caught_up(CATCH_UP_AT_MOST - 1, all_is_read=False)
    assert ears.caught_up(CATCH_UP_AT_MOST + 1, all_is_read=False)


def test_a_messenger_that_does_not_answer_makes_us_deaf_and_its_return_makes_us_catch_up() -> None:
    ears = hearing_at_zero()
    later = 1.0 + DEAF_AFTER + 100

    assert ears.state(later) is State.DEAF
    ears.answered("defenders", more_waits=False, seconds=later, now=NOON)

    assert ears.state(later) is State.CATCHING_UP
    assert ears.hear_again(NOON) == timedelta(seconds=DEAF_AFTER + 100)


def test_a_freeze_is_followed_by_catching_up() -> None:
    ears = hearing_at_zero()

    ears.froze(200.0, NOON - timedelta(hours=2))

    assert ears.state(200.0) is State.CATCHING_UP
    assert not ears.caught_up(200.0, all_is_read=True)


def test_a_messenger_that_never_answered_since_the_start_has_told_us_nothing() -> None:
    ears = Hearing(BOTH, 0.0, NOON - timedelta(hours=3))
    late = CATCH_UP_AT_MOST + 1

    assert ears.caught_up(late, all_is_read=True)
    ears.hear_again(NOON)

    assert ears.state(late) is State.DEAF
    ears.answered("responders", more_waits=False, seconds=late + 5, now=NOON)
    ears.answered("defenders", more_waits=False, seconds=late + 10, now=NOON)
    assert ears.state(late + 10) is State.CATCHING_UP
    assert ears.hear_again(NOON) == timedelta(hours=3)


def test_only_the_defenders_silence_is_at_stake() -> None:
    ears = hearing_at_zero()
    later = 1.0 + DEAF_AFTER + 100
    ears.answered("defenders", more_waits=False, seconds=later - 1, now=NOON)
    ears.hear_again(NOON)

    assert ears.state(later) is State.HEARING
    assert ears.is_unanswered(later)
    ears.answered("responders", more_waits=True, seconds=later, now=NOON)

    assert not ears.caught_up(later, all_is_read=True)
    ears.answered("responders", more_waits=False, seconds=later + 1, now=NOON)
    assert ears.caught_up(later + 1, all_is_read=True)
    assert ears.hear_again(NOON) == timedelta()


def test_one_of_several_bots_makes_us_deaf_for_hours_at_most_and_all_of_them_for_as_long_as_it_takes() -> None:
    pair = ("defenders", "defenders@1003")
    hearing = Hearing(pair, 0.0, None)
    for source in pair:
        hearing.answered(source, more_waits=False, seconds=1.0, now=NOON)
    hearing.hear_again(NOON)

    hearing.answered("defenders", more_waits=False, seconds=100.0, now=NOON)
    hearing.hear_again(NOON)
    assert hearing.state(100.0) is State.DEAF

    hearing.answered("defenders", more_waits=False, seconds=GIVEN_UP_AFTER + 2, now=NOON)
    hearing.hear_again(NOON)
    assert hearing.state(GIVEN_UP_AFTER + 2) is State.HEARING
    assert hearing.is_unanswered(GIVEN_UP_AFTER + 2)
    assert hearing.state(GIVEN_UP_AFTER + 100) is State.DEAF
    assert hearing.state(3 * GIVEN_UP_AFTER) is State.DEAF


def test_a_bot_that_never_answered_is_not_waited_for_while_another_does() -> None:
    hearing = Hearing(("defenders", "defenders@1003"), 0.0, None)
    hearing.answered("defenders@1003", more_waits=False, seconds=1.0, now=NOON)
    hearing.hear_again(NOON)

    assert hearing.state(2.0) is State.HEARING
    assert hearing.is_unanswered(2.0)
