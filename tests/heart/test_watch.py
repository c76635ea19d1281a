"""Stories of one watch: what Ana is asked, when her silence is an alarm, and what she can do about it."""

from datetime import datetime, time, timedelta

import pytest

from escalation.ladder import Pace
from escalation.routine import Daily, Timer
from escalation.watch import (
    TIMER_CEILING,
    Phase,
    begin,
    begin_timer,
    moved_by_extension,
    settled_by_check_in,
    wakes_at,
)
from escalation.watch_words import (
    AskOnceMore,
    CheckedIn,
    Counted,
    Extended,
    Missed,
    Moved,
    NotMoved,
    PaceChanged,
    PauseBegan,
    Paused,
    PauseEnded,
    Remind,
    Rescheduled,
    Resumed,
    ServiceReturned,
    Stopped,
    TimePassed,
)
from tests.heart.cast import ANA, CALM, ROUTINE, TIMER, Life, at, minutes

NINE = Daily((time(9),), "America/Bogota")
MORNING_AND_EVENING = Daily((time(9), time(21)), "America/Bogota")
DUE = at("2026-03-03T09:00-05:00")
NEXT_DAY = timedelta(days=1)
MONDAY_NOON = at("2026-03-02T12:00-05:00")


def life_from(moment: datetime = MONDAY_NOON, rule: Daily = NINE, pace: Pace = CALM) -> Life:
    return Life(begin(ROUTINE, ANA, rule, pace, moment), moment)


def timer_from(moment: datetime, length: timedelta) -> Life:
    return Life(begin_timer(TIMER, ANA, length, CALM, moment), moment)


# Silence


def test_silence_is_reminded_and_then_an_alarm() -> None:
    ana = life_from()

    ana.until(DUE + minutes(30))

    assert ana.heard == [
        (DUE + minutes(-60), Remind(1, DUE)),
        (DUE + minutes(-10), Remind(2, DUE)),
        (DUE, Remind(3, DUE)),
        (DUE + minutes(10), Remind(4, DUE)),
        (DUE + minutes(20), Remind(5, DUE)),
        (DUE + minutes(30), Missed(DUE, 1)),
    ]


def test_after_an_alarm_the_watch_goes_on_as_ever() -> None:
    ana = life_from()

    ana.until(DUE + minutes(30))

    assert (ana.watch.phase, ana.watch.due_at) == (Phase.WAITING, DUE + NEXT_DAY)


def test_misses_are_counted_until_a_sign_of_life() -> None:
    ana = life_from()

    silent = ana.until(DUE + NEXT_DAY + minutes(30))
    ana.happens(CheckedIn())
    later = ana.until(DUE + 2 * NEXT_DAY + minutes(30))

    assert [effect.in_a_row for effect in silent if isinstance(effect, Missed)] == [1, 2]
    assert [effect.in_a_row for effect in later if isinstance(effect, Missed)] == [1]


def test_a_bell_that_is_late_reminds_once_and_with_the_last_number() -> None:
    ana = life_from()
    ana.now = DUE + minutes(15)

    assert ana.happens(TimePassed()) == (Remind(4, DUE),)


def test_a_bell_that_is_days_late_raises_one_alarm() -> None:
    ana = life_from()
    ana.now = DUE + 3 * NEXT_DAY + minutes(60)

    assert ana.happens(TimePassed()) == (Missed(DUE, 1),)
    assert ana.watch.due_at == DUE + 4 * NEXT_DAY


# Signs of life


def test_a_late_check_in_settles_what_is_overdue() -> None:
    ana = life_from()
    ana.until(DUE + minutes(25))

    effects = ana.happens(CheckedIn())

    assert effects == (Counted(DUE, late=True),)
    assert ana.until(DUE + NEXT_DAY - minutes(61)) == ()


def test_an_early_check_in_counts_for_the_coming_due_time() -> None:
    ana = life_from()
    ana.until(DUE - timedelta(hours=11))

    effects = ana.happens(CheckedIn())

    assert effects == (Counted(DUE, late=False),)
    assert ana.until(DUE + NEXT_DAY - minutes(61)) == ()


def test_a_check_in_counts_no_earlier_than_half_way_since_the_one_before() -> None:
    ana = life_from()
    ana.until(DUE - timedelta(hours=12, seconds=1))

    assert ana.happens(CheckedIn()) == ()
    assert ana.watch.due_at == DUE


def test_two_check_ins_never_cover_two_days() -> None:
    ana = life_from()
    ana.until(DUE - minutes(5))

    first, second = ana.happens(CheckedIn()), ana.happens(CheckedIn())

    assert first == (Counted(DUE, late=False),)
    assert second == ()
    assert ana.watch.due_at == DUE + NEXT_DAY


def test_a_check_in_after_a_miss_settles_the_miss_and_nothing_else() -> None:
    ana = life_from()
    ana.until(DUE + timedelta(hours=20))

    assert ana.happens(CheckedIn()) == ()
    assert ana.watch.missed == 0
    assert ana.happens(CheckedIn()) == (Counted(DUE + NEXT_DAY, late=False),)


def test_several_times_a_day_are_several_due_times() -> None:
    ana = life_from(rule=MORNING_AND_EVENING)
    evening = at("2026-03-02T21:00-05:00")

    ana.until(DUE + minutes(30))

    assert [effect for _, effect in ana.heard if isinstance(effect, Missed)] == [Missed(evening, 1), Missed(DUE, 2)]


def test_one_early_check_in_leaves_the_evening_due() -> None:
    ana = life_from(DUE - timedelta(hours=11), rule=MORNING_AND_EVENING)
    ana.until(DUE - minutes(30))

    ana.happens(CheckedIn())

    assert ana.watch.due_at == at("2026-03-03T21:00-05:00")


# Whose check-in is it


def test_a_check_in_is_for_everything_overdue_and_else_for_what_is_due_next() -> None:
    routine, timer = life_from(), timer_from(DUE - minutes(120), minutes(60))
    standing = (routine.watch, timer.watch)

    assert settled_by_check_in(standing) == (timer.watch,)
    assert settled_by_check_in((routine.watch,)) == (routine.watch,)
    assert settled_by_check_in(()) == ()

    routine.until(DUE + minutes(5))
    timer.until(DUE + minutes(5))
    assert settled_by_check_in((routine.watch, timer.watch)) == (routine.watch, timer.watch)


def test_a_missed_timer_swallows_one_check_in_and_no_more() -> None:
    routine, timer = life_from(), timer_from(DUE - timedelta(hours=20), minutes(60))
    timer.until(DUE - timedelta(hours=10))
    routine.until(DUE - timedelta(hours=10))
    assert timer.watch.phase is Phase.RESTING

    (settled,) = settled_by_check_in((routine.watch, timer.watch))
    assert settled == timer.watch
    timer.happens(CheckedIn())

    assert settled_by_check_in((routine.watch, timer.watch)) == (routine.watch,)


def test_more_time_is_for_what_is_due_first() -> None:
    routine, timer = life_from(), timer_from(DUE - timedelta(hours=20), minutes(60))
    assert moved_by_extension((routine.watch, timer.watch)) == timer.watch

    timer.until(DUE - timedelta(hours=10))
    assert moved_by_extension((routine.watch, timer.watch)) == routine.watch
    assert moved_by_extension((timer.watch,)) is None


# More time


def test_an_extension_moves_the_due_time_and_its_reminders() -> None:
    ana = life_from()
    ana.until(DUE - minutes(5))

    assert ana.happens(Extended(minutes(30))) == (Moved(DUE + minutes(30), last=False),)
    assert ana.until(DUE + minutes(35)) == (Remind(2, DUE + minutes(30)), Remind(3, DUE + minutes(30)))


def test_extensions_end_one_hour_after_the_first_due_time() -> None:
    ana = life_from()
    ana.until(DUE + minutes(10))

    assert ana.happens(Extended(minutes(40))) == (Moved(DUE + minutes(50), last=False),)
    assert ana.happens(Extended(timedelta(days=9))) == (Moved(DUE + minutes(60), last=True),)
    assert ana.happens(Extended(minutes(1))) == (NotMoved(DUE + minutes(60)),)
    assert ana.until(DUE + minutes(90))[-1] == Missed(DUE + minutes(60), 1)


@pytest.mark.parametrize("by", [timedelta(), minutes(-5), timedelta.min])
def test_no_time_at_all_moves_nothing(by: timedelta) -> None:
    ana = life_from()
    before = ana.watch

    assert ana.happens(Extended(by)) == (NotMoved(DUE),)
    assert ana.watch == before


def test_a_check_in_for_a_moved_due_time_does_not_cover_the_next() -> None:
    ana = life_from(rule=Daily((time(9), time(9, 45)), "America/Bogota"))
    ana.until(DUE - minutes(5))
    ana.happens(Extended(minutes(60)))
    ana.until(DUE + minutes(30))

    ana.happens(CheckedIn())

    assert ana.watch.due_at == DUE + minutes(45)


# Pauses


def test_a_pause_skips_what_it_covers_and_ends_by_itself() -> None:
    ana = life_from()

    assert ana.happens(Paused(timedelta(days=2))) == (PauseBegan(ana.now + timedelta(days=2)),)
    assert ana.until(DUE + 2 * NEXT_DAY - minutes(61)) == (PauseEnded(DUE + 2 * NEXT_DAY),)
    assert ana.until(DUE + 2 * NEXT_DAY + minutes(30))[-1] == Missed(DUE + 2 * NEXT_DAY, 1)


def test_a_pause_is_never_longer_than_three_days() -> None:
    ana = life_from()

    assert ana.happens(Paused(timedelta.max)) == (PauseBegan(ana.now + timedelta(hours=72)),)


def test_a_pause_can_be_ended_by_hand() -> None:
    ana = life_from()
    ana.happens(Paused(timedelta(days=2)))
    ana.until(ana.now + minutes(60))

    assert ana.happens(Resumed()) == (PauseEnded(DUE),)


def test_a_pause_settles_what_was_missed_for_it_takes_the_safe_word() -> None:
    ana = life_from()
    ana.until(DUE + minutes(40))

    ana.happens(Paused(timedelta(hours=3)))
    ana.until(DUE + NEXT_DAY - minutes(30))

    assert ana.happens(CheckedIn()) == (Counted(DUE + NEXT_DAY, late=False),)


def test_a_pause_does_not_undo_an_early_check_in() -> None:
    ana = life_from()
    ana.until(DUE - timedelta(hours=10))
    ana.happens(CheckedIn())

    ana.happens(Paused(minutes(30)))

    assert ana.until(DUE) == (PauseEnded(DUE + NEXT_DAY),)


# Timers


def test_a_timer_that_is_not_stopped_is_an_alarm_and_then_rests() -> None:
    ana = timer_from(DUE, timedelta(hours=3))
    back = DUE + timedelta(hours=3)

    assert ana.until(back + minutes(30))[-1] == Missed(back, 1)
    assert (ana.watch.phase, wakes_at(ana.watch)) == (Phase.RESTING, None)


def test_being_back_at_once_is_being_back() -> None:
    ana = timer_from(DUE, timedelta(hours=3))

    assert ana.happens(CheckedIn()) == (Counted(DUE + timedelta(hours=3), late=False),)
    assert ana.watch.phase is Phase.RESTING


def test_a_timer_is_not_paused() -> None:
    ana = timer_from(DUE, timedelta(hours=3))

    assert ana.happens(Paused(timedelta(hours=5))) == ()
    assert isinstance(ana.watch.rule, Timer)
    assert ana.watch.phase is Phase.WAITING


def test_a_timer_has_an_end() -> None:
    assert timer_from(DUE, timedelta.max).watch.due_at == DUE + TIMER_CEILING


# Changes


def test_other_times_count_from_the_next_check_in_on() -> None:
    ana = life_from()
    due_at = DUE

    assert ana.happens(Rescheduled(Daily((time(18),), "Europe/Berlin"))) == ()
    assert ana.watch.due_at == due_at
    ana.until(due_at - timedelta(hours=1))
    ana.happens(CheckedIn())
    assert ana.watch.due_at == at("2026-03-03T18:00+01:00")


def test_other_times_may_bring_the_coming_check_in_nearer() -> None:
    ana = life_from()

    ana.happens(Rescheduled(Daily((time(6), time(23)), "Europe/Berlin")))

    assert ana.watch.due_at == at("2026-03-02T23:00+01:00")


def test_choosing_times_again_and_again_never_puts_a_check_in_off() -> None:
    ana = life_from()
    due_at = DUE

    for hour in range(24):
        ana.happens(Rescheduled(Daily((time(hour),), "Europe/Berlin")))
        assert ana.watch.due_at is not None
        assert ana.watch.due_at <= due_at
        due_at = ana.watch.due_at


def test_what_is_overdue_stays_overdue_whatever_is_agreed() -> None:
    ana = life_from()
    ana.until(DUE + minutes(5))

    ana.happens(Rescheduled(Daily((time(18),), "Europe/Berlin")))

    assert ana.until(DUE + minutes(30))[-1] == Missed(DUE, 1)
    assert ana.watch.due_at == at("2026-03-03T18:00+01:00")


def test_a_stricter_pace_counts_for_what_is_still_to_come() -> None:
    ana = life_from()
    strict = Pace((minutes(-10), minutes(0), minutes(5)), minutes(10))

    ana.happens(PaceChanged(strict))

    assert ana.until(DUE + minutes(10)) == (Remind(1, DUE), Remind(2, DUE), Remind(3, DUE), Missed(DUE, 1))


def test_another_pace_repeats_no_reminder_that_has_been_heard() -> None:
    ana = life_from()
    ana.until(DUE - minutes(5))

    ana.happens(PaceChanged(Pace((minutes(-60), minutes(0), minutes(60)), minutes(120))))

    assert ana.until(DUE + minutes(60)) == (Remind(3, DUE),)


def test_who_has_left_is_not_watched() -> None:
    ana = life_from()
    ana.until(DUE + minutes(5))

    ana.happens(Stopped())

    assert ana.until(DUE + timedelta(days=30)) == ()


@pytest.mark.parametrize(
    ("times", "zone"),
    [((), "UTC"), ((time(9),), "Atlantis"), ((time(9),), ""), ((time(9),), "../zone"), ((time(9),), "\0")],
)
def test_a_routine_that_cannot_be_is_refused_with_a_sentence(times: tuple[time, ...], zone: str) -> None:
    with pytest.raises(ValueError, match=r"such as .*\.$"):
        Daily(times, zone)


# Our own absence


def test_after_an_outage_one_more_question_comes_before_the_alarm() -> None:
    ana = life_from()
    ana.now = DUE + timedelta(hours=2)

    asked = ana.happens(ServiceReturned(timedelta(hours=3)))

    assert asked == (AskOnceMore(DUE, ana.now + minutes(10)),)
    assert ana.happens(TimePassed()) == ()
    assert ana.until(ana.now + minutes(10)) == (Missed(DUE, 1),)


def test_the_question_comes_once_however_often_we_fall() -> None:
    ana = life_from()
    ana.now = DUE + timedelta(hours=2)
    ana.happens(ServiceReturned(timedelta(hours=3)))

    assert ana.happens(ServiceReturned(timedelta(hours=3))) == ()
    assert ana.until(ana.now + minutes(10)) == (Missed(DUE, 1),)


def test_an_absence_shorter_than_half_the_grace_changes_nothing() -> None:
    ana = life_from()
    ana.now = DUE + minutes(40)

    assert ana.happens(ServiceReturned(minutes(15))) == ()


def test_who_answered_the_question_is_not_alarmed_about() -> None:
    ana = life_from()
    ana.now = DUE + timedelta(hours=2)
    ana.happens(ServiceReturned(timedelta(hours=3)))

    assert ana.happens(CheckedIn()) == (Counted(DUE, late=True),)
    assert ana.until(DUE + NEXT_DAY - minutes(61)) == ()


def test_the_question_gives_no_more_time_than_the_grace_itself() -> None:
    ana = life_from(pace=Pace((), minutes(4)))
    ana.now = DUE + timedelta(hours=2)

    assert ana.happens(ServiceReturned(timedelta(hours=3))) == (AskOnceMore(DUE, ana.now + minutes(4)),)


def test_a_sign_given_long_ago_counts_for_what_it_was_given_for() -> None:
    ana = life_from()
    ana.until(DUE + minutes(5))

    ana.happens(CheckedIn(DUE - timedelta(hours=20)))

    assert ana.until(DUE + minutes(30))[-1] == Missed(DUE, 1)


def test_a_sign_that_waited_to_be_read_settles_what_it_was_given_for() -> None:
    ana = life_from()
    ana.until(DUE + minutes(5))

    assert ana.happens(CheckedIn(DUE - timedelta(hours=2))) == (Counted(DUE, late=True),)


def test_a_sign_read_after_the_timer_it_ends_counts_whenever_it_was_given() -> None:
    ana = timer_from(MONDAY_NOON, timedelta(hours=3))

    assert ana.happens(CheckedIn(MONDAY_NOON - timedelta(hours=1))) == (
        Counted(MONDAY_NOON + timedelta(hours=3), late=False),
    )
