"""Lowering: one thing that leaves a defender less watched, and what the code makes of it that came with it.

The rules:

* A code is *good*, *forced* or *wrong*. A lowering is kept with what its code says, and is *asked*, then *waiting*,
  then *over*; it wakes at the same instants whatever the code says, so that nobody can tell by watching.
* It is looked at a moment after it was asked, when the answer has left: nothing that a verdict leads to can make the
  answer come sooner or later.
* A forced code raises a covert alarm then, and what was asked goes on as with a good one. So does another code or safe
  word: it shows from then on, and says that somebody is forced (`secrets`). The alarm is raised whatever is taken back.
* A check-in is the smallest lowering: it stands alarms down. What its watch shows was moved when it was tapped, and
  what the watch owes is settled as soon as it is looked at. Everything else is told then to those who would be called
  first, and waits from that moment on. With a wrong code nothing takes effect.
* A text that stands alone may be the safe word, which is a check-in then: it moves nothing before it is looked at, and
  nothing ever where it is another.
* Taking back is free and at once, for it leaves nobody less watched; a newer wish of the same kind takes back an older
  one. A check-in is not taken back.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from .people import DefenderId, LoweringId
from .secrets import Verdict as Verdict

ANSWER_LEAVES_WITHIN = timedelta(seconds=1)


class Want(StrEnum):
    """What can be asked for with a code."""

    SIGN = "sign"
    TEXT = "text"
    PAUSE = "pause"
    TIMES = "times"
    ZONE = "zone"
    LEAVE = "leave"
    CODE = "code"
    WORD = "word"


AT_ONCE = frozenset({Want.SIGN, Want.TEXT})  # what is done as soon as it is looked at, and is not taken back


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for. A pause has its `length`, other times have `times`, another zone its IANA name, a new code
    or safe word its `hashed`; `given_at` is when a check-in was sent, None where the messenger did not say."""

    want: Want
    length: timedelta | None = None
    times: tuple[time, ...] = field(default=(), repr=False)
    zone: str | None = field(default=None, repr=False)
    hashed: str | None = field(default=None, repr=False)
    given_at: datetime | None = None


class Phase(StrEnum):
    """Where a lowering stands."""

    ASKED = "asked"
    WAITING = "waiting"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Lowering:
    """The state of one. `looked_at` is when its verdict is acted on, `begins_at` when it takes effect."""

    id: LoweringId
    defender: DefenderId
    wish: Wish
    verdict: Verdict
    looked_at: datetime
    begins_at: datetime
    phase: Phase = Phase.ASKED


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Nothing but time: the bell has rung."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The defender wants things to stay as they are, or has asked for something else of the same kind."""


Event = TimePassed | TakenBack


@dataclass(frozen=True, slots=True)
class RaiseCovert:
    """Somebody is forced: raise the alarm that nobody may speak of to them."""


@dataclass(frozen=True, slots=True)
class TellFirst:
    """Tell those who would be called first, and the coordinators, what will take effect at `begins_at`."""

    begins_at: datetime


@dataclass(frozen=True, slots=True)
class TakeEffect:
    """Do what was asked for; `forced` when nothing that it leads to may calm anybody, or count as anybody's own."""

    forced: bool


Effect = RaiseCovert | TellFirst | TakeEffect
Decision = tuple[Lowering, tuple[Effect, ...]]


def begin(
    lowering_id: LoweringId, defender: DefenderId, wish: Wish, verdict: Verdict, wait: timedelta, now: datetime
) -> Lowering:
    """Something that was asked for with a code just now; `wait` is for all but a check-in."""
    looked_at = now + ANSWER_LEAVES_WITHIN
    begins_at = looked_at if wish.want in AT_ONCE else now + max(wait, ANSWER_LEAVES_WITHIN)
    return Lowering(lowering_id, defender, wish, verdict, looked_at, begins_at)


def wakes_at(lowering: Lowering) -> datetime | None:
    """When it next wants `TimePassed`; None only when it is over."""
    match lowering.phase:
        case Phase.ASKED:
            return lowering.looked_at
        case Phase.WAITING:
            return lowering.begins_at
        case Phase.OVER:
            return None


def lowers(before: Collection[time], after: Collection[time]) -> bool:
    """Whether other daily times leave somebody less watched: one that was agreed is no longer among them."""
    return not set(before) <= set(after)


def decide(lowering: Lowering, event: Event, now: datetime) -> Decision:
    """What `event` at `now` makes of the lowering, and what must be done. Pure and total."""
    effects: tuple[Effect, ...] = ()
    taken_back = isinstance(event, TakenBack) and lowering.wish.want not in AT_ONCE
    if lowering.phase is Phase.ASKED and (taken_back or now >= lowering.looked_at):
        lowering, effects = _looked_at(lowering, now)
        effects = tuple(effect for effect in effects if not (taken_back and isinstance(effect, TellFirst)))
    if lowering.phase is Phase.OVER or not (taken_back or now >= lowering.begins_at):
        return lowering, effects
    if not taken_back:
        effects += _taking_effect(lowering)
    return replace(lowering, phase=Phase.OVER), effects


def _looked_at(lowering: Lowering, now: datetime) -> Decision:
    begins_at = max(lowering.begins_at, now + (lowering.begins_at - lowering.looked_at))
    waiting = replace(lowering, phase=Phase.WAITING, begins_at=begins_at)
    if lowering.verdict is Verdict.FORCED:
        return waiting, (RaiseCovert(),)
    if lowering.verdict is Verdict.GOOD and lowering.wish.want not in AT_ONCE:
        return waiting, (TellFirst(begins_at),)
    return waiting, ()


def _taking_effect(lowering: Lowering) -> tuple[Effect, ...]:
    if lowering.verdict is Verdict.WRONG:
        return ()
    return (TakeEffect(lowering.verdict is Verdict.FORCED),)
