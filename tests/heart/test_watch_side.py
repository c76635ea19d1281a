"""One side of a watch, rule by rule: what each event makes of each state, to the second and to the last field."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from escalation.ladder import Pace
from escalation.routine import Daily, Timer
from escalation.watch_side import begun, step, wakes_at, while_owed
from escalation.watch_state import Phase, Watch
from escalation.watch_words import (
    AskOnceMore,
    CheckedIn,
    Counted,
    Event,
    Extended,
    Missed,
    Moved,
    NotMoved,
    PaceChanged,
    PauseBegan,
    Paused,
    PauseEnded,
    Proved,
    Remind,
    Rescheduled,
    Resumed,
    ServiceReturned,
    Stopped,
    Tapped,
    TimePassed,
)
from tests.heart.cast import ANA, CALM, ROUTINE, minutes

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DUE = datetime(2026, 3, 3, 9, tzinfo=UTC)
HALF_WAY = DUE - timedelta(hours=12)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
GRACE = minutes(30)
NINE = Daily((time(9),), "UTC")
TEN = Daily((time(10),), "UTC")

BLANK = Watch(ROUTINE, ANA, NINE, CALM, Phase.RESTING)
WAITING = replace(BLANK, phase=Phase.WAITING, due_at=DUE, first_due_at=DUE, alarm_at=DUE + GRACE)
OVERDUE = replace(WAITING, phase=Phase.OVERDUE, reminded=3)
PAUSED = replace(BLANK, phase=Phase.PAUSED, paused_until=DUE + HOUR)
TIMER = replace(WAITING, rule=Timer(NOW))
NEXT = replace(WAITING, due_at=DUE + DAY, first_due_at=DUE + DAY, alarm_at=DUE + DAY + GRACE)
BROKEN = [replace(WAITING, due_at=None), replace(WAITING, alarm_at=None)]  # no row of ours is so, and none is fatal


def is_left_alone(side: Watch, event: Event, now: datetime = NOW) -> bool:
    """Whether the event makes nothing of it."""
    return step(side, event, now) == (side, ())


@pytest.mark.parametrize(("before", "reminded"), [(HOUR + SECOND, 0), (HOUR, 1), (minutes(5), 2), (timedelta(), 3)])
def test_a_watch_begins_with_the_reminders_behind_it_that_are_past(before: timedelta, reminded: int) -> None:
    stale = replace(BLANK, paused_until=NOW, asked_again=True, missed=2)

    assert begun(stale, DUE, DUE - before) == replace(WAITING, reminded=reminded, missed=2)


@pytest.mark.parametrize(
    ("side", "wakes"),
    [
        (WAITING, DUE - HOUR),
        (replace(WAITING, reminded=1), DUE - minutes(10)),
        (replace(WAITING, reminded=4), DUE),
        (replace(WAITING, reminded=5), DUE),
        (OVERDUE, DUE + minutes(10)),
        (replace(OVERDUE, reminded=5), DUE + GRACE),
        (replace(OVERDUE, alarm_at=DUE + SECOND), DUE + SECOND),
        (PAUSED, DUE + HOUR),
        (replace(WAITING, phase=Phase.PAUSED, paused_until=None), None),
        (BLANK, None),
        (replace(WAITING, phase=Phase.RESTING), None),
        *((side, None) for side in BROKEN),
    ],
)
def test_a_side_wakes_for_whatever_comes_first(side: Watch, wakes: datetime | None) -> None:
    assert wakes_at(side) == wakes


@pytest.mark.parametrize(
    ("side", "now", "after", "said"),
    [
        (WAITING, DUE - HOUR - SECOND, WAITING, ()),
        (WAITING, DUE - HOUR, replace(WAITING, reminded=1), (Remind(1, DUE),)),
        (WAITING, DUE - SECOND, replace(WAITING, reminded=2), (Remind(2, DUE),)),
        (WAITING, DUE, OVERDUE, (Remind(3, DUE),)),
        (replace(WAITING, reminded=3), DUE, OVERDUE, ()),
        (replace(WAITING, reminded=4), DUE - SECOND, replace(WAITING, reminded=4), ()),
        (OVERDUE, DUE + GRACE - SECOND, replace(OVERDUE, reminded=5), (Remind(5, DUE),)),
        (OVERDUE, DUE + GRACE, replace(NEXT, missed=1), (Missed(DUE, 1),)),
        (replace(OVERDUE, missed=1), DUE + GRACE, replace(NEXT, missed=2), (Missed(DUE, 2),)),
        (TIMER, DUE + GRACE, replace(BLANK, rule=Timer(NOW), missed=1), (Missed(DUE, 1),)),
        (PAUSED, DUE + HOUR - SECOND, PAUSED, ()),
        (PAUSED, DUE + HOUR, NEXT, (PauseEnded(DUE + DAY),)),
        (replace(PAUSED, paused_until=None), DUE, replace(PAUSED, paused_until=None), ()),
        *((side, DUE + GRACE, side, ()) for side in BROKEN),
        (BLANK, DUE, BLANK, ()),
    ],
)
def test_time_reminds_and_then_it_is_a_miss(side: Watch, now: datetime, after: Watch, said: tuple[object, ...]) -> None:
    assert step(side, TimePassed(), now) == (after, said)


@pytest.mark.parametrize(
    ("side", "now", "after", "said"),
    [
        (WAITING, HALF_WAY - SECOND, WAITING, ()),
        (WAITING, HALF_WAY, replace(NEXT, covered_until=DUE), (Counted(DUE, late=False),)),
        (WAITING, DUE - SECOND, replace(NEXT, covered_until=DUE), (Counted(DUE, late=False),)),
        (WAITING, DUE, NEXT, (Counted(DUE, late=True),)),
        (replace(OVERDUE, missed=2), DUE + SECOND, NEXT, (Counted(DUE, late=True),)),
        (replace(WAITING, missed=1), HALF_WAY, WAITING, ()),
        (replace(WAITING, missed=1), HALF_WAY - SECOND, WAITING, ()),
        (replace(WAITING, first_due_at=None), HALF_WAY, replace(NEXT, covered_until=None), (Counted(DUE, late=False),)),
        (replace(WAITING, first_due_at=None), HALF_WAY - SECOND, replace(WAITING, first_due_at=None), ()),
        (replace(PAUSED, missed=1), NOW, PAUSED, ()),
        (replace(WAITING, phase=Phase.PAUSED, missed=1), DUE, replace(WAITING, phase=Phase.PAUSED), ()),
        (replace(WAITING, due_at=None, missed=1), DUE, replace(WAITING, due_at=None), ()),
        (replace(BLANK, missed=2), NOW, BLANK, ()),
    ],
)
def test_a_sign_settles_what_is_due_or_missed_and_nothing_twice(
    side: Watch, now: datetime, after: Watch, said: tuple[object, ...]
) -> None:
    if side.first_due_at is None and said:
        after = replace(after, due_at=DUE, first_due_at=DUE, alarm_at=DUE + GRACE, reminded=0)

    assert step(side, Tapped(), now) == (after, said)


@pytest.mark.parametrize(
    ("given_at", "counts"),
    [(HALF_WAY, True), (HALF_WAY - SECOND, False), (None, True), (DUE + DAY, True)],
)
def test_a_sign_counts_from_when_it_was_sent(given_at: datetime | None, counts: bool) -> None:
    _, said = step(WAITING, Tapped(given_at), HALF_WAY + HOUR)

    assert bool(said) is counts


def test_a_sign_that_was_sent_before_half_way_settles_nothing_though_it_is_read_when_due() -> None:
    assert step(OVERDUE, Tapped(HALF_WAY - SECOND), DUE + SECOND) == (OVERDUE, ())


def test_a_sign_from_before_a_timer_was_set_is_read_after_it() -> None:
    moved, said = step(TIMER, Tapped(NOW - HOUR), NOW + HOUR)

    assert said == (Counted(DUE, late=False),)
    assert moved.phase is Phase.RESTING


@pytest.mark.parametrize(
    ("side", "now", "by", "due_at", "reminded"),
    [
        (WAITING, NOW, minutes(20), DUE + minutes(20), 0),
        (replace(WAITING, reminded=2), DUE - minutes(5), minutes(20), DUE + minutes(20), 1),
        (OVERDUE, DUE + minutes(10), minutes(20), DUE + minutes(30), 1),
        (WAITING, NOW, 2 * HOUR, DUE + HOUR, 0),
        (OVERDUE, DUE + minutes(10), HOUR, DUE + HOUR, 1),
    ],
)
def test_more_time_moves_the_due_time_and_never_beyond_an_hour(
    side: Watch, now: datetime, by: timedelta, due_at: datetime, reminded: int
) -> None:
    moved = replace(WAITING, due_at=due_at, alarm_at=due_at + GRACE, reminded=reminded)

    assert step(side, Extended(by), now) == (moved, (Moved(due_at, last=due_at == DUE + HOUR),))


@pytest.mark.parametrize(
    ("side", "now", "by"),
    [
        (WAITING, NOW, timedelta()),
        (WAITING, NOW, -HOUR),
        (replace(WAITING, due_at=DUE + HOUR), NOW, SECOND),
        (OVERDUE, DUE + HOUR, SECOND),
    ],
)
def test_what_cannot_be_moved_says_when_it_is(side: Watch, now: datetime, by: timedelta) -> None:
    assert side.due_at is not None
    assert step(side, Extended(by), now) == (side, (NotMoved(side.due_at),))


@pytest.mark.parametrize(
    "side",
    [
        PAUSED, BLANK, replace(WAITING, phase=Phase.PAUSED), replace(WAITING, due_at=None),
        replace(WAITING, first_due_at=None),
    ],
)  # fmt: skip
def test_where_nothing_is_due_there_is_no_more_time(side: Watch) -> None:
    assert is_left_alone(side, Extended(minutes(5)))


@pytest.mark.parametrize(("length", "until"), [(SECOND, SECOND), (3 * DAY, 3 * DAY), (4 * DAY, 3 * DAY)])
def test_a_pause_forgets_what_is_due_and_what_was_missed(length: timedelta, until: timedelta) -> None:
    side = replace(OVERDUE, missed=1, asked_again=True, covered_until=NOW)

    after = replace(BLANK, phase=Phase.PAUSED, paused_until=NOW + until, reminded=3, covered_until=NOW)
    assert step(side, Paused(length), NOW) == (after, (PauseBegan(NOW + until),))


@pytest.mark.parametrize(("side", "length"), [(TIMER, HOUR), (WAITING, timedelta()), (WAITING, -HOUR), (BLANK, HOUR)])
def test_a_timer_is_not_paused_and_no_pause_is_nothing(side: Watch, length: timedelta) -> None:
    assert is_left_alone(side, Paused(length))


def test_a_pause_that_is_ended_by_hand_ends_though_its_time_is_not_over() -> None:
    assert step(PAUSED, Resumed(), NOW) == (WAITING, (PauseEnded(DUE),))
    assert step(replace(OVERDUE, paused_until=DUE + DAY), Resumed(), DUE) == (OVERDUE, ())
    assert step(replace(PAUSED, rule=Timer(NOW)), Resumed(), NOW) == (replace(BLANK, rule=Timer(NOW)), ())


def test_a_pause_does_not_bring_back_what_a_sign_has_covered() -> None:
    covered = replace(PAUSED, covered_until=DUE)

    assert step(covered, Resumed(), NOW) == (replace(NEXT, covered_until=DUE), (PauseEnded(DUE + DAY),))


@pytest.mark.parametrize(("later", "phase"), [(SECOND, Phase.PAUSED), (timedelta(), Phase.WAITING)])
def test_a_pause_that_was_put_off_begins_when_nothing_is_owed_any_more(later: timedelta, phase: Phase) -> None:
    side = replace(OVERDUE, paused_until=DUE + GRACE + later, reminded=5)

    moved, _ = step(side, TimePassed(), DUE + GRACE)

    assert moved.phase is phase
    assert moved.paused_until == (DUE + GRACE + later if phase is Phase.PAUSED else None)
    assert moved.due_at == (None if phase is Phase.PAUSED else DUE + DAY)


def test_other_times_bring_nearer_and_never_put_off() -> None:
    eight = Daily((time(8),), "UTC")

    sooner = replace(WAITING, rule=eight, due_at=DUE - HOUR, first_due_at=DUE - HOUR, alarm_at=DUE - HOUR + GRACE)
    assert step(WAITING, Rescheduled(eight), NOW) == (sooner, ())
    assert step(WAITING, Rescheduled(TEN), NOW) == (replace(WAITING, rule=TEN), ())
    assert step(OVERDUE, Rescheduled(eight), NOW) == (replace(OVERDUE, rule=eight), ())
    assert step(PAUSED, Rescheduled(eight), NOW) == (replace(PAUSED, rule=eight), ())
    assert step(BROKEN[0], Rescheduled(eight), NOW) == (replace(BROKEN[0], rule=eight), ())
    assert is_left_alone(TIMER, Rescheduled(eight))
    moved = replace(WAITING, due_at=DUE + HOUR)
    assert step(moved, Rescheduled(TEN), NOW) == (replace(moved, rule=TEN), ())  # and not one hour more


def test_another_pace_counts_for_what_is_to_come_and_repeats_nothing() -> None:
    pace = Pace((minutes(-20), minutes(0)), HOUR)
    waits = replace(WAITING, pace=pace, alarm_at=DUE + HOUR)

    assert step(WAITING, PaceChanged(pace), NOW) == (waits, ())
    assert step(WAITING, PaceChanged(pace), DUE - minutes(20)) == (replace(waits, reminded=1), ())
    assert step(replace(WAITING, reminded=2), PaceChanged(pace), NOW) == (replace(waits, reminded=2), ())
    assert step(OVERDUE, PaceChanged(pace), DUE) == (replace(OVERDUE, pace=pace, reminded=2), ())
    assert step(BROKEN[0], PaceChanged(pace), NOW) == (replace(BROKEN[0], pace=pace, reminded=2), ())


def test_the_end_of_a_watch_is_rest() -> None:
    assert step(replace(OVERDUE, missed=2, asked_again=True), Stopped(), DUE) == (replace(BLANK, reminded=3), ())


@pytest.mark.parametrize(
    ("side", "now", "after"),
    [
        (OVERDUE, DUE, replace(OVERDUE, asked_again=True)),
        (WAITING, DUE, replace(OVERDUE, asked_again=True)),
        (OVERDUE, DUE + minutes(25), replace(OVERDUE, asked_again=True, alarm_at=DUE + minutes(35), reminded=5)),
        (replace(OVERDUE, reminded=5), DUE, replace(OVERDUE, asked_again=True, reminded=5)),
    ],
)
def test_after_an_outage_of_ours_it_is_asked_once_more(side: Watch, now: datetime, after: Watch) -> None:
    assert after.alarm_at is not None
    assert step(side, ServiceReturned(GRACE / 2 + SECOND), now) == (after, (AskOnceMore(DUE, after.alarm_at),))


def test_after_an_outage_of_ours_a_short_grace_is_given_whole() -> None:
    side = replace(OVERDUE, pace=Pace((), minutes(4)), alarm_at=DUE)

    moved, said = step(side, ServiceReturned(HOUR), DUE)

    assert (moved.alarm_at, said) == (DUE + minutes(4), (AskOnceMore(DUE, DUE + minutes(4)),))


@pytest.mark.parametrize(
    ("side", "away", "now"),
    [
        (OVERDUE, GRACE / 2, DUE),
        (replace(OVERDUE, asked_again=True), HOUR, DUE),
        (WAITING, HOUR, DUE - SECOND),
        (PAUSED, HOUR, DUE),
        *((side, HOUR, DUE + SECOND) for side in BROKEN),
    ],
)
def test_an_outage_that_took_nothing_away_asks_nothing(side: Watch, away: timedelta, now: datetime) -> None:
    assert is_left_alone(side, ServiceReturned(away), now)


@pytest.mark.parametrize("event", [CheckedIn(), Proved(NOW)])
def test_what_was_proved_is_no_matter_of_one_side(event: Event) -> None:
    assert is_left_alone(OVERDUE, event, DUE)


@pytest.mark.parametrize("event", [TimePassed(), Paused(HOUR), Resumed(), Stopped(), Rescheduled(TEN)])
def test_what_rests_is_woken_by_nothing(event: Event) -> None:
    assert is_left_alone(replace(WAITING, phase=Phase.RESTING, missed=1), event, DUE + GRACE)


# While something is owed


def owed(side: Watch, event: Event, now: datetime = NOW) -> Watch:
    """What it makes of a side that owes something; nothing is said of it."""
    after, said = while_owed(side, event, now)
    assert said == ()
    return after


def test_nothing_puts_off_what_is_owed() -> None:
    assert owed(OVERDUE, Extended(HOUR)) == OVERDUE
    assert owed(OVERDUE, Paused(timedelta())) == OVERDUE
    assert owed(TIMER, Paused(HOUR)) == TIMER
    assert owed(OVERDUE, Paused(SECOND)) == replace(OVERDUE, paused_until=NOW + SECOND)
    assert owed(OVERDUE, Paused(9 * DAY)) == replace(OVERDUE, paused_until=NOW + 3 * DAY)


def test_the_end_of_a_watch_waits_for_what_is_owed_and_reminds_of_it_no_more() -> None:
    ends = owed(replace(OVERDUE, missed=1), Stopped(), DUE)

    assert ends == replace(OVERDUE, rule=Timer(DUE), reminded=5, asked_again=True, missed=1)
    assert while_owed(ends, TimePassed(), DUE + GRACE)[0].phase is Phase.RESTING


EVERYTHING_ELSE: list[Callable[[], Event]] = [TimePassed, Tapped, Resumed, lambda: Rescheduled(TEN)]


@pytest.mark.parametrize("event", EVERYTHING_ELSE)
def test_everything_else_is_the_same_for_what_is_owed(event: Callable[[], Event]) -> None:
    assert while_owed(OVERDUE, event(), DUE + GRACE) == step(OVERDUE, event(), DUE + GRACE)
