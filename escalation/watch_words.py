"""What can happen to a watch (events, past facts) and what it can order (effects)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .ladder import Pace
from .routine import Daily


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing but time: the bell has rung."""


@dataclass(frozen=True, slots=True)
class Tapped:
    """A row or a word was given as the sign, at `given_at` if that is known; it may have waited long to be read.
    Whether it was the right one is not known yet."""

    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proved:
    """What was given as the sign at `given_at` was the agreed one, or one that somebody was forced to give."""

    given_at: datetime


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """The defender gave the agreed sign, known as such at once: both of these in one."""

    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extended:
    """The defender asked for more time."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class Paused:
    """The defender, having given the safe word, asked to be left in peace for a while."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class Resumed:
    """The defender ended the pause."""


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """Other times, or another place, were agreed."""

    rule: Daily


@dataclass(frozen=True, slots=True)
class PaceChanged:
    """The risk profile was changed; counts from the next due time on."""

    pace: Pace


@dataclass(frozen=True, slots=True)
class Stopped:
    """The watch was ended: the defender left, or the timer was taken back with the safe word."""


@dataclass(frozen=True, slots=True)
class ServiceReturned:
    """We were away ourselves for `away`, and what was sent meanwhile has been read."""

    away: timedelta


Event = (
    TimePassed
    | Tapped
    | Proved
    | CheckedIn
    | Extended
    | Paused
    | Resumed
    | Rescheduled
    | PaceChanged
    | Stopped
    | ServiceReturned
)


@dataclass(frozen=True, slots=True)
class Remind:
    """Remind the defender of `due_at`; `number` counts from 1 and never repeats for one due time."""

    number: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class AskOnceMore:
    """Tell the defender that we were away, and ask before `alarm_at`."""

    due_at: datetime
    alarm_at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """Raise the alarm for `due_at`; `in_a_row` counts the misses since the last sign of life, from 1. `slip_at` is
    when something was given as the sign for it that was not right, None when nothing was."""

    due_at: datetime
    in_a_row: int
    slip_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """The check-in counted for `due_at`; `late` when the due time had passed."""

    due_at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """The check-in is now due at `due_at`, which is `last` when no further extension can follow."""

    due_at: datetime
    last: bool


@dataclass(frozen=True, slots=True)
class NotMoved:
    """No more time can be had; the check-in stays due at `due_at`."""

    due_at: datetime


@dataclass(frozen=True, slots=True)
class PauseBegan:
    """The watch is silent until `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class PauseEnded:
    """The routine goes on; the next check-in is due at `due_at`."""

    due_at: datetime


Effect = Remind | AskOnceMore | Missed | Counted | Moved | NotMoved | PauseBegan | PauseEnded
