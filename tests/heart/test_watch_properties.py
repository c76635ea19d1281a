"""What holds for every watch, whatever happens to it and in whatever order."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.ladder import Pace
from escalation.routine import Daily, Timer
from escalation.watch import (
    EXTENSION_CEILING,
    PAUSE_CEILING,
    Phase,
    Watch,
    begin,
    begin_timer,
    wakes_at,
)
from escalation.watch_words import (
    AskOnceMore,
    CheckedIn,
    Counted,
    Event,
    Extended,
    Missed,
    PauseBegan,
    Remind,
    ServiceReturned,
    Stopped,
    TimePassed,
)
from tests.heart.cast import ANA, BEFORE_TIME, ROUTINE, TIMER, Life, at
from tests.heart.strategies import (
    ZONES,
    lengths,
    moments,
    paces,
    routines,
    watch_events,
    watches,
    whole_minutes,
    with_pauses,
)

Doings = Sequence[tuple[timedelta, Event]]

NEVER_STOPPED = watch_events.filter(lambda event: not isinstance(event, Stopped))


def lived(began: tuple[Watch, datetime], doings: Doings, *, bell: bool = True) -> Life:
    """The watch after all of it; without the `bell` nothing rang in between, as after an outage."""
    life = Life(*began)
    for pause, event in doings:
        if bell:
            life.until(life.now + pause)
        life.now += pause if not bell else timedelta()
        life.happens(event)
    return life


def at_rest(watch: Watch) -> bool:
    """Whether it neither shows nor owes anything more."""
    return all(side is None or side.phase is Phase.RESTING for side in (watch, watch.owed))


@given(watches(), with_pauses(watch_events), st.booleans())
def test_only_a_resting_watch_waits_for_ever(began: tuple[Watch, datetime], doings: Doings, bell: bool) -> None:
    watch = lived(began, doings, bell=bell).watch

    assert (wakes_at(watch) is None) == at_rest(watch)


@given(watches(), with_pauses(watch_events), st.booleans())
def test_every_bell_moves_the_next_one_on(began: tuple[Watch, datetime], doings: Doings, bell: bool) -> None:
    life = lived(began, doings, bell=bell)

    for _ in range(30):
        wake = wakes_at(life.watch)
        if wake is None:
            break
        life.ring(wake)  # which holds the promise


@given(watches(), with_pauses(watch_events), watch_events, moments)
def test_nothing_at_any_time_raises(
    began: tuple[Watch, datetime], doings: Doings, event: Event, moment: datetime
) -> None:
    life = lived(began, doings)
    life.now = moment  # also long before: a clock may be set back

    life.happens(event)

    assert (wakes_at(life.watch) is None) == at_rest(life.watch)


@given(moments, lengths, paces())
def test_no_length_of_a_timer_raises(now: datetime, length: timedelta, pace: Pace) -> None:
    begin_timer(TIMER, ANA, max(length, timedelta(microseconds=1)), pace, now)


@given(watches(), with_pauses(watch_events), st.booleans())
def test_time_alone_changes_nothing_before_the_bell(began: tuple[Watch, datetime], doings: Doings, bell: bool) -> None:
    life = lived(began, doings, bell=bell)
    life.happens(TimePassed())
    settled, wake = life.watch, wakes_at(life.watch)

    if wake is not None:
        life.now = max(life.now, wake - timedelta(microseconds=1))
    effects = life.happens(TimePassed())

    assert (life.watch, effects) == (settled, ())


@given(watches(), with_pauses(NEVER_STOPPED), st.booleans())
def test_silence_always_ends_in_an_alarm(began: tuple[Watch, datetime], doings: Doings, bell: bool) -> None:
    life = lived(began, doings, bell=bell)
    fell_silent, known = life.now, len(life.heard)
    if life.watch.phase is Phase.RESTING:
        return  # a timer that is over

    life.until(fell_silent + PAUSE_CEILING + timedelta(days=4))

    assert any(isinstance(effect, Missed) for _, effect in life.heard[known:])


@given(watches(), with_pauses(watch_events), st.booleans())
def test_no_reminder_comes_twice(began: tuple[Watch, datetime], doings: Doings, bell: bool) -> None:
    heard = lived(began, doings, bell=bell).heard

    reminders = [(effect.due_at, effect.number) for _, effect in heard if isinstance(effect, Remind)]
    assert len(reminders) == len(set(reminders))
    assert all(number >= 1 for _, number in reminders)


@given(watches(), with_pauses(watch_events), st.booleans())
def test_a_due_time_is_counted_or_missed_once_at_most(
    began: tuple[Watch, datetime], doings: Doings, bell: bool
) -> None:
    heard = lived(began, doings, bell=bell).heard

    settled = [effect.due_at for _, effect in heard if isinstance(effect, Counted | Missed)]
    assert len(settled) == len(set(settled))


@given(routines, moments, paces(), whole_minutes(0, 3 * 24 * 60))
def test_no_check_in_covers_two_due_times(rule: Daily, began: datetime, pace: Pace, later: timedelta) -> None:
    life = Life(begin(ROUTINE, ANA, rule, pace, began), began)
    life.until(began + later)

    first, then_due = life.happens(CheckedIn()), life.watch.due_at
    second = life.happens(CheckedIn())

    for counted in first:
        assert isinstance(counted, Counted)
        assert then_due == rule.next_due(max(counted.due_at, life.now))
        assert counted.late or second == ()


@given(watches(), with_pauses(watch_events), st.booleans())
def test_no_extension_goes_beyond_one_hour(began: tuple[Watch, datetime], doings: Doings, bell: bool) -> None:
    watch = lived(began, doings, bell=bell).watch

    if watch.due_at is not None and watch.first_due_at is not None:
        assert watch.first_due_at <= watch.due_at <= watch.first_due_at + EXTENSION_CEILING


@given(watches(), st.lists(st.tuples(whole_minutes(0, 30), lengths.map(Extended)), max_size=20))
def test_extensions_alone_never_put_off_the_alarm_for_more_than_an_hour(
    began: tuple[Watch, datetime], doings: Doings
) -> None:
    first_alarm = began[0].alarm_at
    assert first_alarm is not None

    life = lived(began, doings)
    life.until(first_alarm + EXTENSION_CEILING)

    assert any(isinstance(effect, Missed) for _, effect in life.heard)


@given(watches(), with_pauses(watch_events))
def test_no_pause_is_longer_than_its_ceiling(began: tuple[Watch, datetime], doings: Doings) -> None:
    heard = lived(began, doings).heard

    assert all(effect.until - when <= PAUSE_CEILING for when, effect in heard if isinstance(effect, PauseBegan))


@given(watches(), with_pauses(st.builds(ServiceReturned, lengths)))
def test_an_outage_asks_once_for_each_due_time(began: tuple[Watch, datetime], doings: Doings) -> None:
    heard = lived(began, doings, bell=False).heard

    asked = [effect.due_at for _, effect in heard if isinstance(effect, AskOnceMore)]
    assert len(asked) == len(set(asked))


@given(watches(), with_pauses(NEVER_STOPPED))
def test_a_timer_stays_a_timer(began: tuple[Watch, datetime], doings: Doings) -> None:
    assert isinstance(lived(began, doings).watch.rule, Timer) == isinstance(began[0].rule, Timer)


@settings(max_examples=20)
@given(
    st.sampled_from(ZONES),
    st.sampled_from([(time(9),), (time(2, 30),), (time(0), time(12)), (time(8), time(14), time(20))]),
    st.integers(2009, 2029),
    st.randoms(use_true_random=False),
    paces(),
)
def test_a_year_of_daily_life_is_a_year_without_a_false_alarm(
    zone: str, times: tuple[time, ...], year: int, random: Random, pace: Pace
) -> None:
    began = at(f"{year}-01-01T00:00+00:00")
    rule = Daily(times, zone)
    life = Life(begin(ROUTINE, ANA, rule, pace, began), began)
    counted, last = [], BEFORE_TIME

    while life.now < began + timedelta(days=366):
        watch = life.watch
        assert watch.due_at is not None
        assert watch.alarm_at is not None
        earliest = max(life.now, rule.counts_from(watch.due_at))
        life.until(earliest + (watch.alarm_at - earliest) * random.random() * 0.999)
        (effect,) = life.happens(CheckedIn())
        assert isinstance(effect, Counted)
        assert effect.due_at > last
        last = effect.due_at
        counted.append(last)

    assert not [effect for _, effect in life.heard if isinstance(effect, Missed)]
    assert len(counted) > 360
