"""What was asked with a code: one look for every verdict, one alarm for every force, and a wait for what lowers."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.lowering import (
    ANSWER_LEAVES_WITHIN,
    AT_ONCE,
    Effect,
    Event,
    Lowering,
    Phase,
    RaiseCovert,
    TakeEffect,
    TakenBack,
    TellFirst,
    TimePassed,
    Verdict,
    Want,
    Wish,
    begin,
    decide,
    lowers,
    wakes_at,
)
from escalation.people import LoweringId
from tests.heart.cast import ANA

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
MORE_THAN_A_SIGN = [want for want in Want if want not in AT_ONCE]

events = st.lists(
    st.tuples(st.timedeltas(timedelta(), timedelta(days=3)), st.sampled_from([TimePassed(), TakenBack()])), max_size=6
)
waits = st.timedeltas(timedelta(), timedelta(days=5))


def asked(want: Want, verdict: Verdict, wait: timedelta = DAY) -> Lowering:
    return begin(LoweringId(UUID(int=9)), ANA, Wish(want), verdict, wait, NOON)


def through(
    lowering: Lowering, happened: list[tuple[timedelta, Event]]
) -> tuple[list[Lowering], list[tuple[datetime, Effect]]]:
    """Every state on the way, and (when, what) was ordered; its own bell rings too, to the end."""
    states, ordered, now = [lowering], [], NOON
    for later, event in happened:
        now += later
        lowering, effects = decide(lowering, event, now)
        states.append(lowering)
        ordered += [(now, effect) for effect in effects]
    while (wake := wakes_at(lowering)) is not None:
        now = max(now, wake)
        lowering, effects = decide(lowering, TimePassed(), now)
        states.append(lowering)
        ordered += [(now, effect) for effect in effects]
    return states, ordered


@given(st.sampled_from(Want), events, waits)
def test_nobody_can_tell_a_verdict_by_when_it_wakes(
    want: Want, happened: list[tuple[timedelta, Event]], wait: timedelta
) -> None:
    seen = [
        [(state.phase, wakes_at(state)) for state in through(asked(want, verdict, wait), happened)[0]]
        for verdict in Verdict
    ]

    assert seen[0] == seen[1] == seen[2]


@given(st.sampled_from(Want), events, waits)
def test_force_raises_one_covert_alarm_whatever_is_taken_back(
    want: Want, happened: list[tuple[timedelta, Event]], wait: timedelta
) -> None:
    _, ordered = through(asked(want, Verdict.FORCED, wait), happened)

    assert [effect for _, effect in ordered if isinstance(effect, RaiseCovert)] == [RaiseCovert()]
    assert not any(isinstance(effect, TellFirst) for _, effect in ordered)


@given(st.sampled_from(Want), events, waits)
def test_a_wrong_code_orders_nothing_ever(want: Want, happened: list[tuple[timedelta, Event]], wait: timedelta) -> None:
    assert through(asked(want, Verdict.WRONG, wait), happened)[1] == []


@given(st.sampled_from(MORE_THAN_A_SIGN), events, waits)
def test_what_lowers_takes_effect_once_and_not_before_it_was_told_for_the_whole_wait(
    want: Want, happened: list[tuple[timedelta, Event]], wait: timedelta
) -> None:
    _, ordered = through(asked(want, Verdict.GOOD, wait), happened)

    told = [when for when, effect in ordered if isinstance(effect, TellFirst)]
    done = [when for when, effect in ordered if isinstance(effect, TakeEffect)]
    assert len(told) <= 1
    assert len(done) <= len(told)
    assert all(when >= told[0] + wait - ANSWER_LEAVES_WITHIN for when in done)
    if not any(isinstance(event, TakenBack) for _, event in happened):
        assert len(done) == 1


@given(st.sampled_from(Want), st.sampled_from(Verdict), events)
def test_nothing_is_acted_on_before_the_answer_has_left(
    want: Want, verdict: Verdict, happened: list[tuple[timedelta, Event]]
) -> None:
    _, ordered = through(asked(want, verdict), [(later, event) for later, event in happened if event == TimePassed()])

    assert all(when >= NOON + ANSWER_LEAVES_WITHIN for when, _ in ordered)


def test_a_check_in_by_a_row_or_by_a_text_is_all_that_does_not_wait() -> None:
    assert {Want.SIGN, Want.TEXT} == AT_ONCE


@pytest.mark.parametrize("want", sorted(AT_ONCE))
@pytest.mark.parametrize(("verdict", "forced"), [(Verdict.GOOD, False), (Verdict.FORCED, True)])
def test_a_check_in_counts_as_soon_as_it_is_looked_at(want: Want, verdict: Verdict, forced: bool) -> None:
    over, effects = decide(asked(want, verdict), TimePassed(), NOON + ANSWER_LEAVES_WITHIN)

    assert over.phase is Phase.OVER
    assert TakeEffect(forced) in effects


@pytest.mark.parametrize("want", sorted(AT_ONCE))
@pytest.mark.parametrize("verdict", Verdict)
def test_a_check_in_is_not_taken_back(want: Want, verdict: Verdict) -> None:
    given_sign = asked(want, verdict)

    assert decide(given_sign, TakenBack(), NOON) == (given_sign, ())


@pytest.mark.parametrize("want", MORE_THAN_A_SIGN)
@pytest.mark.parametrize(
    ("verdict", "ordered"), [(Verdict.GOOD, ()), (Verdict.WRONG, ()), (Verdict.FORCED, (RaiseCovert(),))]
)
def test_what_is_taken_back_is_over_at_once_and_nobody_hears_what_it_was(
    want: Want, verdict: Verdict, ordered: tuple[Effect, ...]
) -> None:
    waiting, _ = decide(asked(want, verdict), TimePassed(), NOON + ANSWER_LEAVES_WITHIN)

    over, effects = decide(asked(want, verdict), TakenBack(), NOON)
    later, nothing_more = decide(waiting, TakenBack(), NOON + ANSWER_LEAVES_WITHIN)

    assert (over.phase, effects) == (Phase.OVER, ordered)
    assert (later.phase, nothing_more) == (Phase.OVER, ())


def test_what_is_asked_is_known_by_its_number_and_by_whose_it_is() -> None:
    assert (asked(Want.LEAVE, Verdict.GOOD).id, asked(Want.LEAVE, Verdict.GOOD).defender) == (UUID(int=9), ANA)


@pytest.mark.parametrize("want", MORE_THAN_A_SIGN)
def test_what_is_asked_for_by_force_takes_effect_as_what_force_has_asked_for(want: Want) -> None:
    _, ordered = through(asked(want, Verdict.FORCED), [])

    assert [effect for _, effect in ordered] == [RaiseCovert(), TakeEffect(forced=True)]


def test_after_an_outage_the_wait_begins_when_it_is_told() -> None:
    waiting, effects = decide(asked(Want.LEAVE, Verdict.GOOD), TimePassed(), NOON + 3 * DAY)

    assert waiting.phase is Phase.WAITING
    assert effects == (TellFirst(waiting.begins_at),)
    assert waiting.begins_at >= NOON + 4 * DAY - ANSWER_LEAVES_WITHIN


@given(st.sampled_from(Want), st.sampled_from(Verdict), events)
def test_what_is_over_stays_over(want: Want, verdict: Verdict, happened: list[tuple[timedelta, Event]]) -> None:
    states, _ = through(asked(want, verdict), happened)

    for event in (TimePassed(), TakenBack()):
        assert decide(states[-1], event, NOON + 30 * DAY) == (states[-1], ())


@pytest.mark.parametrize(
    ("before", "after", "less"),
    [
        ((time(9),), (time(9), time(21)), False),
        ((time(9), time(21)), (time(9),), True),
        ((time(9),), (time(10),), True),
        ((time(9),), (time(9),), False),
        ((), (time(9),), False),
    ],
)
def test_times_that_drop_or_move_one_that_was_agreed_leave_somebody_less_watched(
    before: tuple[time, ...], after: tuple[time, ...], less: bool
) -> None:
    assert lowers(before, after) is less
