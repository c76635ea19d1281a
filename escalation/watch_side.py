"""One side of a watch: what an event makes of it, with no thought of who doubts what.

A watch has two sides, what it shows and what it owes; both live by these rules, which see no verdict. A pause that
begins while a sign of life is still owed waits until that has ended; so does the end of the watch.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from .ladder import Pace
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
    Proved,
    Remind,
    Rescheduled,
    Resumed,
    ServiceReturned,
    Stopped,
    Tapped,
    TimePassed,
)

EXTENSION_CEILING = timedelta(hours=1)  # past the first due time; the same as Kitestring's
PAUSE_CEILING = timedelta(hours=72)
EXTRA_GRACE = timedelta(minutes=10)  # after an outage of ours; less where the grace itself is shorter

Decision = tuple[Watch, tuple[Effect, ...]]


def wakes_at(side: Watch) -> datetime | None:
    """When this side next wants `TimePassed`; None only when it rests."""
    if side.phase is Phase.PAUSED:
        return side.paused_until
    if side.phase is Phase.RESTING or side.due_at is None or side.alarm_at is None:
        return None
    wakes = [side.alarm_at]
    if side.phase is Phase.WAITING:
        wakes.append(side.due_at)
    if side.reminded < len(side.pace.reminders):
        wakes.append(side.due_at + side.pace.reminders[side.reminded])
    return min(wakes)


def begun(side: Watch, due_at: datetime, now: datetime) -> Watch:
    """A watch that has just begun, waiting for its first due time."""
    return _wait_for(side, due_at, now)


def step(side: Watch, event: Event, now: datetime) -> Decision:
    """What `event` at `now` makes of one side, and what it says. Pure and total."""
    if side.phase is Phase.RESTING and not isinstance(event, Tapped):
        return side, ()
    match event:
        case TimePassed():
            return _time_passed(side, now)
        case Tapped(given_at):
            return _checked_in(side, min(given_at or now, now), now)
        case Extended(by):
            return _extended(side, by, now)
        case Paused(length):
            return _paused(side, length, now)
        case Resumed():
            return _resume(side, now) if side.phase is Phase.PAUSED else (replace(side, paused_until=None), ())
        case Rescheduled(rule):
            return _rescheduled(side, rule, now)
        case PaceChanged(pace):
            return _pace_changed(side, pace, now)
        case Stopped():
            return _rest(replace(side, missed=0)), ()
        case ServiceReturned(away):
            return _service_returned(side, away, now)
        case CheckedIn() | Proved():
            return side, ()  # what was proved is no matter of one side


def while_owed(owed: Watch, event: Event, now: datetime) -> Decision:
    """The same for a side that owes a due time before the one that shows: whatever puts that off waits its turn."""
    match event:
        case Extended():
            return owed, ()
        case Paused(length) if isinstance(owed.rule, Daily) and length > timedelta():
            return replace(owed, paused_until=now + min(length, PAUSE_CEILING)), ()
        case Stopped():
            return replace(owed, rule=Timer(now), reminded=len(owed.pace.reminders), asked_again=True), ()
        case _:
            return step(owed, event, now)


def _time_passed(side: Watch, now: datetime) -> Decision:
    if side.phase is Phase.PAUSED:
        return _resume(side, now) if side.paused_until is not None and now >= side.paused_until else (side, ())
    if side.due_at is None or side.alarm_at is None:
        return side, ()
    if now >= side.alarm_at:
        missed = replace(side, missed=side.missed + 1)
        return _next(missed, now), (Missed(side.due_at, missed.missed),)
    phase = Phase.OVERDUE if now >= side.due_at else Phase.WAITING
    behind = _reminders_behind(side, side.due_at, now)
    if behind <= side.reminded:
        return replace(side, phase=phase), ()
    return replace(side, phase=phase, reminded=behind), (Remind(behind, side.due_at),)


def _checked_in(side: Watch, given_at: datetime, now: datetime) -> Decision:
    if side.phase is Phase.PAUSED or side.due_at is None:
        return replace(side, missed=0), ()
    if isinstance(side.rule, Timer):
        given_at = now  # whatever was said after the timer is read after it
    counts = given_at >= side.rule.counts_from(side.first_due_at or side.due_at)
    if now >= side.due_at and counts:
        return _next(replace(side, missed=0), now), (Counted(side.due_at, late=True),)
    if side.missed or not counts:
        return replace(side, missed=0), ()
    settled = replace(side, covered_until=side.first_due_at)
    return _next(settled, now), (Counted(side.due_at, late=False),)


def _extended(side: Watch, by: timedelta, now: datetime) -> Decision:
    if side.phase is Phase.PAUSED or side.due_at is None or side.first_due_at is None:
        return side, ()
    ceiling = side.first_due_at + EXTENSION_CEILING
    from_when = max(now, side.due_at)
    due_at = min(from_when + max(timedelta(), min(by, EXTENSION_CEILING)), ceiling)
    if due_at <= from_when:
        return side, (NotMoved(side.due_at),)
    moved = replace(side, phase=Phase.WAITING, due_at=due_at, alarm_at=due_at + side.pace.grace)
    return replace(moved, reminded=_reminders_behind(moved, due_at, now)), (Moved(due_at, last=due_at == ceiling),)


def _paused(side: Watch, length: timedelta, now: datetime) -> Decision:
    if isinstance(side.rule, Timer) or length <= timedelta():
        return side, ()
    until = now + min(length, PAUSE_CEILING)
    return replace(_rest(side), phase=Phase.PAUSED, paused_until=until, missed=0), (PauseBegan(until),)


def _resume(side: Watch, now: datetime) -> Decision:
    resumed = _next(side, now)
    return resumed, () if resumed.due_at is None else (PauseEnded(resumed.due_at),)


def _rescheduled(side: Watch, rule: Daily, now: datetime) -> Decision:
    if isinstance(side.rule, Timer):
        return side, ()
    changed = replace(side, rule=rule)
    if side.phase is not Phase.WAITING or side.due_at is None:
        return changed, ()  # what is overdue stays overdue, and a pause goes on
    sooner = _next(changed, now)
    return (sooner if sooner.due_at is not None and sooner.due_at < side.due_at else changed), ()


def _pace_changed(side: Watch, pace: Pace, now: datetime) -> Decision:
    changed = replace(side, pace=pace)
    if side.phase is Phase.WAITING and side.due_at is not None:
        reminded = max(side.reminded, _reminders_behind(changed, side.due_at, now))  # no number comes twice
        return replace(changed, alarm_at=side.due_at + pace.grace, reminded=reminded), ()
    return replace(changed, reminded=len(pace.reminders)), ()


def _service_returned(side: Watch, away: timedelta, now: datetime) -> Decision:
    if side.due_at is None or side.alarm_at is None or side.due_at > now:
        return side, ()
    if side.asked_again or away <= side.pace.grace / 2:
        return side, ()
    alarm_at = max(side.alarm_at, now + min(side.pace.grace, EXTRA_GRACE))
    asked = replace(side, phase=Phase.OVERDUE, alarm_at=alarm_at, asked_again=True)
    asked = replace(asked, reminded=max(side.reminded, _reminders_behind(side, side.due_at, now)))
    return asked, (AskOnceMore(side.due_at, alarm_at),)


def _reminders_behind(side: Watch, due_at: datetime, now: datetime) -> int:
    return sum(1 for offset in side.pace.reminders if due_at + offset <= now)


def _next(side: Watch, now: datetime) -> Watch:
    """The side with what is past behind it: waiting for the next due time, in a pause that was put off, or at rest
    when there is nothing more."""
    if side.phase is not Phase.PAUSED and side.paused_until is not None and side.paused_until > now:
        return replace(_rest(side), phase=Phase.PAUSED, paused_until=side.paused_until)
    due_at = side.rule.next_due(max(now, side.covered_until or now))
    return _rest(side) if due_at is None else _wait_for(side, due_at, now)


def _wait_for(side: Watch, due_at: datetime, now: datetime) -> Watch:
    return replace(
        side,
        phase=Phase.WAITING,
        due_at=due_at,
        first_due_at=due_at,
        alarm_at=due_at + side.pace.grace,
        reminded=_reminders_behind(side, due_at, now),
        paused_until=None,
        asked_again=False,
    )


def _rest(side: Watch) -> Watch:
    return replace(
        side, phase=Phase.RESTING, due_at=None, first_due_at=None, alarm_at=None, paused_until=None, asked_again=False
    )
