"""The time of a rehearsal: a clock that can run faster than the world and be pushed forward.

It satisfies the engine's Clock by its shape alone. Time never goes back and never stops.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

SLOWEST = 1.0
FASTEST = 600.0  # ten minutes of the service in one second


@runtime_checkable
class Steerable(Protocol):
    """A clock that a page may offer to move."""

    speed: float

    def advance(self, by: timedelta) -> None:
        """Jump forward."""
        ...


class RehearsalClock:
    """A clock that starts at `start` (now, unless given) and runs `speed` times as fast as the world."""

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        begin = datetime.now(UTC) if start is None else start
        if begin.tzinfo is None:
            raise ValueError("The start of a rehearsal needs a time zone.")
        self._begin = begin.astimezone(UTC)
        self._mark = time.monotonic()
        self._speed = _checked(speed)
        self._callbacks: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The time of the service: aware, UTC."""
        return self._begin + timedelta(seconds=(time.monotonic() - self._mark) * self._speed)

    def delay_until(self, when: datetime) -> float:
        """Seconds of the real world until `when`; zero or less if it is past."""
        return (when - self.now()).total_seconds() / self._speed

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback` each time that the speed changes or time jumps."""
        self._callbacks.append(callback)

    @property
    def speed(self) -> float:
        """How many seconds of the service pass in one real second: 1 to 600."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._rebase(timedelta(), _checked(speed))

    def advance(self, by: timedelta) -> None:
        """Jump forward. Raises ValueError for a step back: a deadline once passed stays passed."""
        if by < timedelta():
            raise ValueError("A rehearsal's clock goes forward only.")
        self._rebase(by, self._speed)

    def _rebase(self, jump: timedelta, speed: float) -> None:
        self._begin, self._mark = self.now() + jump, time.monotonic()
        self._speed = speed
        for callback in tuple(self._callbacks):
            callback()


def _checked(speed: float) -> float:
    if not SLOWEST <= speed <= FASTEST:
        raise ValueError(f"The speed of a rehearsal is {SLOWEST:.0f} to {FASTEST:.0f}, not {speed}.")
    return float(speed)
