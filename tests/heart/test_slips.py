"""A row that was not right: what the phone shows afterwards, what is owed all the same, and what each profile makes of
it."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation.ladder import Pace, Slips
from escalation.routine import Daily
from escalation.watch import Phase, Watch, begin, begin_timer, settled_by_check_in, wakes_at
from escalation.watch_words import (
    AskOnceMore,
    CheckedIn,
    Counted,
    Effect,
    Event,
    Extended,
    Missed,
    Moved,
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
from tests.heart.cast import ANA, CALM, ROUTINE, TIMER, Life, at, minutes
from tests.heart.strategies import lengths, paces, routines, watches, with_pauses

NINE = Daily((time(9),), "America/Bogota")
DUE = at("2026-03-03T09:00-05:00")
EVENING = DUE - timedelta(hours=11)
NEXT_DAY = timedelta(days=1)
SILENT = replace(CALM, slips=Slips.SILENT)


def life(pace: Pace = SILENT) -> Life:
    return Life(begin(ROUTINE, ANA, NINE, pace, EVENING), EVENING)


def slips(ana: Life, then: datetime) -> Life:
    """Tap a row that is not right: nothing is proved."""
    ana.until(then)
    ana.happens(Tapped())
    return ana


def proves(ana: Life) -> tuple[Effect, ...]:
    """Tap a good row, or a forced one; it is looked at a moment later."""
    tapped_at = ana.now
    ana.happens(Tapped())
    ana.until(tapped_at + timedelta(seconds=1))
    return ana.happens(Proved(tapped_at))


# What shows


def test_a_row_moves_what_shows_before_anybody_knows_what_it_says() -> None:
    ana = slips(life(), DUE - minutes(90))

    assert ana.heard == []
    assert (ana.watch.phase, ana.watch.due_at) == (Phase.WAITING, DUE + NEXT_DAY)


def test_a_slip_is_an_alarm_at_its_time_and_says_when_it_was_given() -> None:
    ana = slips(life(), DUE - minutes(90))

    ana.until(DUE + minutes(31))

    assert ana.heard == [(DUE + minutes(30), Missed(DUE, 1, DUE - minutes(90)))]
    assert (ana.watch.phase, ana.watch.due_at, ana.watch.missed) == (Phase.WAITING, DUE + NEXT_DAY, 0)


def test_a_slip_of_an_overdue_check_in_says_nothing_more_either() -> None:
    ana = slips(life(), DUE + minutes(5))

    assert ana.until(DUE + minutes(31)) == (Missed(DUE, 1, DUE + minutes(5)),)


def test_who_is_reminded_of_slips_is_asked_again_as_if_there_had_been_none() -> None:
    ana = slips(life(CALM), DUE - minutes(30))

    said = ana.until(DUE - minutes(10))

    assert said == (Remind(2, DUE),)
    assert (ana.watch.phase, ana.watch.due_at) == (Phase.WAITING, DUE)
    assert proves(ana) == (Counted(DUE, late=False),)
    assert ana.until(DUE + NEXT_DAY - minutes(61)) == ()


def test_who_is_reminded_and_stays_silent_is_alarmed_about() -> None:
    ana = slips(life(CALM), DUE - minutes(5))

    assert ana.until(DUE + minutes(30)) == (
        Remind(3, DUE), Remind(4, DUE), Remind(5, DUE), Missed(DUE, 1, DUE - minutes(5)),
    )  # fmt: skip


def test_a_slip_after_the_last_reminder_is_reminded_of_no_more() -> None:
    ana = slips(life(CALM), DUE + minutes(25))

    assert ana.until(DUE + NEXT_DAY - minutes(61)) == (Missed(DUE, 1, DUE + minutes(25)),)


# What is owed


def test_a_good_row_clears_what_is_owed() -> None:
    ana = slips(life(), DUE - minutes(90))

    assert proves(ana) == (Counted(DUE, late=False),)
    assert ana.watch.owed is None
    assert ana.until(DUE + NEXT_DAY - minutes(61)) == ()


def test_two_slips_are_two_alarms_and_show_nothing() -> None:
    ana = slips(life(), DUE - minutes(90))

    slips(ana, DUE + NEXT_DAY - minutes(90))
    ana.until(DUE + NEXT_DAY + minutes(31))

    assert [said for _, said in ana.heard] == [
        Missed(DUE, 1, DUE - minutes(90)),
        Missed(DUE + NEXT_DAY, 2, DUE + NEXT_DAY - minutes(90)),
    ]
    assert ana.watch.due_at == DUE + 2 * NEXT_DAY


def test_silence_after_a_slip_is_reminded_of_and_names_no_slip() -> None:
    ana = slips(life(), DUE - minutes(90))
    ana.until(DUE + minutes(31))

    said = ana.until(DUE + NEXT_DAY + minutes(31))

    assert [effect.number for effect in said if isinstance(effect, Remind)] == [1, 2, 3, 4, 5]
    assert said[-1] == Missed(DUE + NEXT_DAY, 2)


def test_more_time_is_for_what_shows_and_puts_nothing_off_that_is_owed() -> None:
    ana = slips(life(), DUE - minutes(90))

    assert ana.happens(Extended(minutes(60))) == (Moved(DUE + NEXT_DAY + minutes(60), last=True),)
    assert ana.until(DUE + minutes(30)) == (Missed(DUE, 1, DUE - minutes(90)),)
    assert ana.until(DUE + NEXT_DAY + minutes(61))[-1] == Remind(3, DUE + NEXT_DAY + minutes(60))


def test_a_pause_that_begins_drops_nothing_that_is_owed_and_covers_what_comes_after() -> None:
    ana = slips(life(), DUE - minutes(90))

    assert ana.happens(Paused(timedelta(days=2))) == (PauseBegan(ana.now + timedelta(days=2)),)
    assert ana.until(DUE + minutes(31)) == (Missed(DUE, 1, DUE - minutes(90)),)
    assert ana.watch.phase is Phase.PAUSED
    assert ana.until(DUE + 2 * NEXT_DAY - minutes(80)) == (PauseEnded(DUE + 2 * NEXT_DAY),)
    assert ana.until(DUE + 2 * NEXT_DAY + minutes(30))[-1] == Missed(DUE + 2 * NEXT_DAY, 2)


def test_a_pause_that_is_ended_by_hand_is_ended_for_what_is_owed_too() -> None:
    ana = slips(life(), DUE - minutes(90))
    ana.happens(Paused(timedelta(days=2)))

    assert ana.happens(Resumed()) == (PauseEnded(DUE + NEXT_DAY),)
    assert ana.until(DUE + minutes(30))[-1] == Missed(DUE, 1, DUE - minutes(90))
    assert ana.until(DUE + NEXT_DAY + minutes(30))[-1] == Missed(DUE + NEXT_DAY, 2)


def test_a_good_row_in_a_pause_clears_what_is_owed() -> None:
    ana = slips(life(), DUE - minutes(90))
    ana.happens(Paused(timedelta(days=1)))

    assert proves(ana) == (Counted(DUE, late=False),)
    assert ana.until(DUE + NEXT_DAY - minutes(91)) == ()
    assert ana.watch.phase is Phase.PAUSED


def test_a_wrong_row_in_a_pause_is_nothing() -> None:
    ana = life()
    ana.happens(Paused(timedelta(days=1)))

    slips(ana, DUE)

    assert ana.until(DUE + minutes(60)) == ()


def test_who_leaves_is_watched_until_nothing_is_owed() -> None:
    ana = slips(life(CALM), DUE - minutes(90))

    ana.happens(Stopped())

    assert ana.until(DUE + 9 * NEXT_DAY) == (Missed(DUE, 1, DUE - minutes(90)),)
    assert wakes_at(ana.watch) is None


def test_a_timer_that_was_ended_by_a_slip_rests_and_is_an_alarm() -> None:
    ana = Life(begin_timer(TIMER, ANA, timedelta(hours=3), SILENT, DUE), DUE)
    back = DUE + timedelta(hours=3)

    slips(ana, back - minutes(30))

    assert ana.watch.phase is Phase.RESTING
    assert ana.until(back + minutes(31)) == (Missed(back, 1, back - minutes(30)),)
    assert (ana.watch.phase, wakes_at(ana.watch)) == (Phase.RESTING, None)


def test_a_slip_is_for_the_watches_for_which_a_good_row_would_be() -> None:
    timer = Life(begin_timer(TIMER, ANA, minutes(60), SILENT, DUE - minutes(120)), DUE - minutes(120))
    routine = life()
    routine.until(timer.now)

    slips(timer, timer.now)

    assert settled_by_check_in((routine.watch, timer.watch)) == (routine.watch,)
    assert proves(timer) == (Counted(DUE - minutes(60), late=False),)


def test_a_sign_of_before_proves_nothing_about_a_row_that_was_tapped_after_it() -> None:
    ana = slips(life(), DUE - minutes(90))
    slips(ana, DUE + NEXT_DAY - minutes(90))

    ana.happens(Proved(DUE - minutes(95)))

    assert ana.until(DUE + NEXT_DAY + minutes(31))[-1] == Missed(DUE + NEXT_DAY, 1, DUE + NEXT_DAY - minutes(90))


def test_an_outage_asks_nothing_about_what_is_owed_and_gives_it_the_same_time() -> None:
    ana = slips(life(), DUE - minutes(90))
    ana.now = DUE + minutes(120)

    assert ana.happens(ServiceReturned(timedelta(hours=2))) == ()
    assert ana.happens(TimePassed()) == ()
    assert ana.until(ana.now + minutes(10)) == (Missed(DUE, 1, DUE - minutes(90)),)


def test_who_is_reminded_of_slips_is_asked_after_an_outage_as_anybody_is() -> None:
    ana = slips(life(CALM), DUE - minutes(90))
    ana.now = DUE + minutes(120)

    assert ana.happens(ServiceReturned(timedelta(hours=3))) == (AskOnceMore(DUE, ana.now + minutes(10)),)
    assert ana.watch.due_at == DUE


# Whatever happens


Step = tuple[timedelta, Event]

from_the_phone: st.SearchStrategy[Event] = st.one_of(
    st.just(Tapped()),
    st.just(Tapped()),
    st.builds(Extended, lengths),
    st.builds(Paused, lengths),
    st.just(Resumed()),
    st.just(Stopped()),
    st.builds(Rescheduled, routines),
    st.builds(ServiceReturned, lengths),
    st.builds(PaceChanged, paces().map(lambda pace: replace(pace, slips=Slips.SILENT))),
)


def silent(began: tuple[Watch, datetime]) -> tuple[Watch, datetime]:
    watch, now = began
    return replace(watch, pace=replace(watch.pace, slips=Slips.SILENT)), now


def lived(began: tuple[Watch, datetime], steps: list[Step], verdicts: list[bool]) -> tuple[list[object], list[object]]:
    """What shows at the end of every step, and all that the phone is sent, where every row has its verdict."""
    ana, shown = Life(*began), []
    for (pause, event), good in zip(steps, verdicts, strict=False):
        ana.until(ana.now + pause)
        ana.happens(event)
        if isinstance(event, Tapped):
            tapped_at = ana.now
            shown.append(surface(ana.watch))
            ana.until(ana.now + timedelta(seconds=1))
            if good:
                ana.happens(Proved(tapped_at))
        shown.append(surface(ana.watch))
    ana.until(ana.now + timedelta(days=3))
    sent: list[object] = [(when, said) for when, said in ana.heard if not isinstance(said, Missed | Counted)]
    return [*shown, surface(ana.watch)], sent


def surface(watch: Watch) -> Watch:
    return replace(watch, owed=None, unproved_at=None)


@given(watches().map(silent), with_pauses(from_the_phone), st.lists(st.booleans(), min_size=12, max_size=12))
def test_no_verdict_is_to_be_seen_where_slips_are_silent(
    began: tuple[Watch, datetime], steps: list[Step], verdicts: list[bool]
) -> None:
    all_good = lived(began, steps, [True] * len(verdicts))

    assert lived(began, steps, verdicts) == all_good
    assert lived(began, steps, [False] * len(verdicts)) == all_good


@given(
    watches().map(silent),
    with_pauses(from_the_phone, most=4),
    with_pauses(from_the_phone.filter(lambda event: not isinstance(event, ServiceReturned | PaceChanged))),
)
def test_what_is_owed_is_an_alarm_in_time_unless_something_is_proved(
    began: tuple[Watch, datetime], before: list[Step], after: list[Step]
) -> None:
    ana = Life(*began)
    for pause, event in before:
        ana.until(ana.now + pause)
        ana.happens(event)
    ana.happens(Tapped())
    owed, known = ana.watch.owed, len(ana.heard)
    if owed is None or owed.alarm_at is None or owed.first_due_at == ana.watch.first_due_at:
        return  # the row was for nothing

    for pause, event in after:
        ana.until(min(ana.now + pause, owed.alarm_at))
        ana.happens(event)
    ana.until(owed.alarm_at)

    assert [said for _, said in ana.heard[known:] if isinstance(said, Missed)] != []


@given(watches(), with_pauses(st.just(Tapped())))
def test_rows_that_prove_nothing_never_put_off_the_first_alarm(
    began: tuple[Watch, datetime], steps: list[Step]
) -> None:
    ana = Life(*began)
    alarm_at = ana.watch.alarm_at
    assert alarm_at is not None

    for pause, event in steps:
        ana.until(min(ana.now + pause, alarm_at))
        ana.happens(event)
    ana.until(alarm_at)

    assert any(isinstance(said, Missed) for _, said in ana.heard)


@given(watches(), with_pauses(st.just(CheckedIn())), with_pauses(st.just(Tapped())))
def test_one_good_row_and_nothing_is_owed(began: tuple[Watch, datetime], good: list[Step], wrong: list[Step]) -> None:
    ana = Life(*began)
    for pause, event in (*good, *wrong):
        ana.until(ana.now + pause)
        ana.happens(event)

    ana.happens(CheckedIn())

    assert ana.watch.owed is None
