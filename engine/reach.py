"""Reach: whether a messenger answers us, as far as what we send shows it, and what is left to others while it does not.

Of several machines one may be cut off from the messenger alone: then all that it takes is late, and what it took once
it would take again. So who is not answered takes one letter at a time, to see whether that goes through, and only what
nobody else has taken for a moment. Who is alone goes on as ever: nobody else would send it.
"""

from dataclasses import dataclass
from datetime import timedelta

from .discreet import Discreet
from .letter import DeliveryFailure, PermanentFailure, TemporaryFailure

SUSPECT_AFTER = 2.0  # seconds in which nothing of what is under way is answered; the Bot API answers in under 2
HEAD_START = timedelta(seconds=5)  # of real time; others look when they are told, and in a storm may be late themselves
TRIED_AFTER = 60.0  # seconds after the last failure; then one letter is taken as soon as it is there
STUCK_AFTER = 120.0  # seconds of failures without one success
AT_ONCE = timedelta()


@dataclass(slots=True, repr=False)
class Reach(Discreet):
    """What one lane knows of it. `among` are the workers who may send, we among them; seconds are monotonic."""

    among: int = 1
    _under_way: int = 0
    _answered_at: float = 0.0
    _failed_at: float | None = None
    _failing_since: float | None = None

    def asked(self, now: float) -> None:
        """Something is being sent."""
        if not self._under_way:
            self._answered_at = now
        self._under_way += 1

    def took(self, now: float) -> float:
        """The messenger has taken one of these; gives when."""
        self._under_way -= 1
        self._answered_at, self._failed_at, self._failing_since = now, None, None
        return now

    def refused(self, failure: DeliveryFailure, now: float) -> None:
        """One of these was not taken. Only who says why, or when it may be tried again, has answered."""
        self._under_way -= 1
        permanent = isinstance(failure, PermanentFailure)
        if permanent or (isinstance(failure, TemporaryFailure) and failure.retry_in):
            self._answered_at, self._failed_at = now, None
        else:
            self._failed_at = now
        if not permanent:
            self._failing_since = self._failing_since or now

    def doubt(self, now: float) -> None:
        """It is known otherwise that the messenger does not answer us."""
        self._failed_at = now

    def believe(self, now: float) -> None:
        """It is known otherwise that the messenger answers us."""
        self._answered_at, self._failed_at = now, None

    def is_stuck(self, now: float) -> bool:
        """Whether sends have been failing for a while without one that went through."""
        return self._failing_since is not None and now - self._failing_since > STUCK_AFTER

    def is_cut_off(self, now: float) -> bool:
        """Whether others should send what they can, since we may not be able to."""
        hangs = self._under_way > 0 and now - self._answered_at > SUSPECT_AFTER
        return self.among > 1 and (hangs or self._failed_at is not None)

    def head_start(self, now: float) -> timedelta:
        """For how long what is ready is left to others."""
        tries = self._failed_at is not None and now - self._failed_at > TRIED_AFTER
        return HEAD_START if self.is_cut_off(now) and not tries else AT_ONCE
