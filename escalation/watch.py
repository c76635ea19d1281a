"""Watch: one agreed sign of life, the daily routine or a single timer, and what its absence means.

The rules:

* A watch is *waiting* for a due time, *overdue* once that has passed, *paused* for at most 72 hours, or *resting* with
  nothing agreed. Only a resting watch waits for ever; every other one has an instant at which it wakes.
* Reminders go to the defender at their offsets. When the grace is over, the watch says `Missed` and turns at once to
  the next due time: on the surface it goes on as ever, whatever is being done about the miss.
* A check-in settles what is overdue. An early one counts for the coming due time, once, and not earlier than half way
  since the one before: two check-ins in a row never cover two days, not even when both are read a day later.
* Other times count from the next check-in on: they may bring the coming due time nearer and never put it off.
* An extension moves the due time, but never beyond one hour after the first one.
* A pause ends by itself and skips the due times that it covers. A timer is not paused.
* After we ourselves were away, one more question comes before the alarm, and only once for each due time.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from .ladder import Pace
from .people import DefenderId, WatchId
from .routine import Daily, Timer
from .watch_state import Phase, Watch
from .watch_words import (
    AskOnceMore,
    CheckedIn,
    Counted,
    Effect,
    Event,
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

__all__ = [
    "EXTENSION_CEILING",
    "EXTRA_GRACE",
    "PAUSE_CEILING",
    "TIMER_CEILING",
    "Phase",
    "Watch",
    "begin",
    "begin_timer",
    "decide",
    "moved_by_extension",
    "settled_by_check_in",
    "wakes_at",
]

EXTENSION_CEILING = timedelta(hours=1)  # past the first due time; the same as Kitestring's
PAUSE_CEILING = timedelta(hours=72)
TIMER_CEILING = timedelta(days=30)  # "back in" means hours or days; more is a slip of the finger
EXTRA_GRACE = timedelta(minutes=10)  # after an outage of ours; less where the grace itself is shorter


Decision = tuple[Watch, tuple[Effect, ...]]


def begin(watch_id: WatchId, defender: DefenderId, rule: Daily, pace: Pace, now: datetime) -> Watch:
    """A daily routine that waits for its first due time."""
    blank = Watch(watch_id, defender, rule, pace, Phase.WAITING)
    return _wait_for(blank, rule.next_due(now), now)


def begin_timer(watch_id: WatchId, defender: DefenderId, length: timedelta, pace: Pace, now: datetime) -> Watch:
    """A single timer of `length`, above zero; at most TIMER_CEILING."""
    blank = Watch(watch_id, defender, Timer(now), pace, Phase.WAITING)
    return _wait_for(blank, now + min(length, TIMER_CEILING), now)


def wakes_at(watch: Watch) -> datetime | None:
    """When the watch next wants `TimePassed`; None only when it rests."""
    if watch.phase is Phase.PAUSED:
        return watch.paused_until
    if watch.phase is Phase.RESTING or watch.due_at is None or watch.alarm_at is None:
        return None
    wakes = [watch.alarm_at]
    if watch.phase is Phase.WAITING:
        wakes.append(watch.due_at)
    if watch.reminded < len(watch.pace.reminders):
        wakes.append(watch.due_at + watch.pace.reminders[watch.reminded])
    return min(wakes)


def settled_by_check_in(watches: tuple[Watch, ...]) -> tuple[Watch, ...]:
    """Which of one defender's watches a check-in is for: all that are overdue or missed, or else the one due next."""
    behind = tuple(watch for watch in watches if watch.phase is Phase.OVERDUE or watch.missed)
    waiting = [watch for watch in watches if watch.phase is Phase.WAITING and watch.due_at is not None]
    if behind or not waiting:
        return behind
    return (min(waiting, key=lambda watch: (watch.due_at, watch.id)),)


def moved_by_extension(watches: tuple[Watch, ...]) -> Watch | None:
    """Which of one defender's watches a wish for more time is for: the one due first; None when nothing is due."""
    due = [watch for watch in watches if watch.due_at is not None]
    return min(due, key=lambda watch: (watch.due_at, watch.id), default=None)


def decide(watch: Watch, event: Event, now: datetime) -> Decision:
    """What `event` at `now` makes of the watch, and what must be said. Pure and total."""
    if watch.phase is Phase.RESTING and not isinstance(event, CheckedIn):
        return watch, ()
    match event:
        case TimePassed():
            return _time_passed(watch, now)
        case CheckedIn(given_at):
            return _checked_in(watch, min(given_at or now, now), now)
        case Extended(by):
            return _extended(watch, by, now)
        case Paused(length):
            return _paused(watch, length, now)
        case Resumed():
            return _resume(watch, now) if watch.phase is Phase.PAUSED else (watch, ())
        case Rescheduled(rule):
            return _rescheduled(watch, rule, now)
        case PaceChanged(pace):
            return _pace_changed(watch, pace, now)
        case Stopped():
            return _rest(replace(watch, missed=0)), ()
        case ServiceReturned(away):
            return _service_returned(watch, away, now)


def _time_passed(watch: Watch, now: datetime) -> Decision:
    if watch.phase is Phase.PAUSED:
        return _resume(watch, now) if watch.paused_until is not None and now >= watch.paused_until else (watch, ())
    if watch.due_at is None or watch.alarm_at is None:
        return watch, ()
    if now >= watch.alarm_at:
        missed = replace(watch, missed=watch.missed + 1)
        return _next(missed, now), (Missed(watch.due_at, missed.missed),)
    phase = Phase.OVERDUE if now >= watch.due_at else Phase.WAITING
    behind = _reminders_behind(watch, watch.due_at, now)
    if behind <= watch.reminded:
        return replace(watch, phase=phase), ()
    return replace(watch, phase=phase, reminded=behind), (Remind(behind, watch.due_at),)


def _checked_in(watch: Watch, given_at: datetime, now: datetime) -> Decision:
    if watch.phase is Phase.PAUSED or watch.due_at is None:
        return replace(watch, missed=0), ()
    if isinstance(watch.rule, Timer):
        given_at = now  # whatever was said after the timer is read after it
    counts = given_at >= watch.rule.counts_from(watch.first_due_at or watch.due_at)
    if now >= watch.due_at and counts:
        return _next(replace(watch, missed=0), now), (Counted(watch.due_at, late=True),)
    if watch.missed or not counts:
        return replace(watch, missed=0), ()
    settled = replace(watch, covered_until=watch.first_due_at)
    return _next(settled, now), (Counted(watch.due_at, late=False),)


def _extended(watch: Watch, by: timedelta, now: datetime) -> Decision:
    if watch.phase is Phase.PAUSED or watch.due_at is None or watch.first_due_at is None:
        return watch, ()
    ceiling = watch.first_due_at + EXTENSION_CEILING
    from_when = max(now, watch.due_at)
    due_at = min(from_when + max(timedelta(), min(by, EXTENSION_CEILING)), ceiling)
    if due_at <= from_when:
        return watch, (NotMoved(watch.due_at),)
    moved = replace(watch, phase=Phase.WAITING, due_at=due_at, alarm_at=due_at + watch.pace.grace)
    return replace(moved, reminded=_reminders_behind(moved, due_at, now)), (Moved(due_at, last=due_at == ceiling),)


def _paused(watch: Watch, length: timedelta, now: datetime) -> Decision:
    if isinstance(watch.rule, Timer) or length <= timedelta():
        return watch, ()
    until = now + min(length, PAUSE_CEILING)
    return replace(_rest(watch), phase=Phase.PAUSED, paused_until=until, missed=0), (PauseBegan(until),)


def _resume(watch: Watch, now: datetime) -> Decision:
    resumed = _next(watch, now)
    return resumed, () if resumed.due_at is None else (PauseEnded(resumed.due_at),)


def _rescheduled(watch: Watch, rule: Daily, now: datetime) -> Decision:
    if isinstance(watch.rule, Timer):
        return watch, ()
    changed = replace(watch, rule=rule)
    if watch.phase is not Phase.WAITING or watch.due_at is None:
        return changed, ()  # what is overdue stays overdue, and a pause goes on
    sooner = _next(changed, now)
    return (sooner if sooner.due_at is not None and sooner.due_at < watch.due_at else changed), ()


def _pace_changed(watch: Watch, pace: Pace, now: datetime) -> Decision:
    changed = replace(watch, pace=pace)
    if watch.phase is Phase.WAITING and watch.due_at is not None:
        reminded = max(watch.reminded, _reminders_behind(changed, watch.due_at, now))  # no number comes twice
        return replace(changed, alarm_at=watch.due_at + pace.grace, reminded=reminded), ()
    return replace(changed, reminded=len(pace.reminders)), ()


def _service_returned(watch: Watch, away: timedelta, now: datetime) -> Decision:
    if watch.due_at is None or watch.alarm_at is None or watch.due_at > now:
        return watch, ()
    if watch.asked_again or away <= watch.pace.grace / 2:
        return watch, ()
    alarm_at = max(watch.alarm_at, now + min(watch.pace.grace, EXTRA_GRACE))
    asked = replace(watch, phase=Phase.OVERDUE, alarm_at=alarm_at, asked_again=True)
    asked = replace(asked, reminded=max(watch.reminded, _reminders_behind(watch, watch.due_at, now)))
    return asked, (AskOnceMore(watch.due_at, alarm_at),)


def _reminders_behind(watch: Watch, due_at: datetime, now: datetime) -> int:
    return sum(1 for offset in watch.pace.reminders if due_at + offset <= now)


def _next(watch: Watch, now: datetime) -> Watch:
    """The watch with what is past behind it: waiting for the next due time, or at rest when there is none."""
    due_at = watch.rule.next_due(max(now, watch.covered_until or now))
    return _rest(watch) if due_at is None else _wait_for(watch, due_at, now)


def _wait_for(watch: Watch, due_at: datetime, now: datetime) -> Watch:
    return replace(
        watch,
        phase=Phase.WAITING,
        due_at=due_at,
        first_due_at=due_at,
        alarm_at=due_at + watch.pace.grace,
        reminded=_reminders_behind(watch, due_at, now),
        paused_until=None,
        asked_again=False,
    )


def _rest(watch: Watch) -> Watch:
    return replace(
        watch, phase=Phase.RESTING, due_at=None, first_due_at=None, alarm_at=None, paused_until=None, asked_again=False
    )
