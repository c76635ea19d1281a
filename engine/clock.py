"""The one clock. Nobody else asks what time it is, so that rehearsals and tests can move it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the service sees it."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""

    def delay_until(self, when: datetime) -> float:
        """Real seconds until this clock shows `when`; zero or less when it already has."""

    def on_change(self, callback: Callable[[], None]) -> None:
        """Have `callback` called whenever the clock jumps or changes speed, so that alarms can be set again."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant by the machine."""
        return datetime.now(UTC)

    def delay_until(self, when: datetime) -> float:
        """Seconds until `when`."""
        return (when - self.now()).total_seconds()

    def on_change(self, callback: Callable[[], None]) -> None:
        """The machine's clock does not tell when it is set; the sweep notices."""
