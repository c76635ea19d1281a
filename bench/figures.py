"""Figures: percentiles of what was measured, and one row of the table."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Spread:
    """Many measurements of one thing, in seconds, the least first."""

    seconds: tuple[float, ...]

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Spread":
        """From measurements in any order."""
        return cls(tuple(sorted(seconds)))

    def at(self, share: float) -> float:
        """The measurement that `share` of them (above 0, at most 1) do not exceed; NaN when there is none."""
        if not self.seconds:
            return math.nan
        return self.seconds[max(0, math.ceil(share * len(self.seconds)) - 1)]

    @property
    def median(self) -> float:
        """The middle one."""
        return self.at(0.5)

    def shown(self) -> str:
        """As the table has it."""
        if not self.seconds:
            return "none"
        return f"p50 {span(self.median)}, p99 {span(self.at(0.99))}, max {span(self.at(1.0))}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What one service did in one case: words for the table, and what must be so whatever the speed.

    `lost` and `doubled` count alarms or check-ins; None where the case has none. `cpu` is in seconds for each event,
    `memory` the peak in bytes; None where it was not measured."""

    said: str
    lost: int | None = None
    doubled: int | None = None
    cpu: float | None = None
    memory: int | None = None

    def shown(self) -> str:
        """As the table has it."""
        parts = [self.said]
        parts += [f"**{self.lost} lost**"] if self.lost else []
        parts += [f"**{self.doubled} twice**"] if self.doubled else []
        if self.cpu is not None:
            parts.append(f"{span(self.cpu)} CPU each")
        if self.memory is not None:
            parts.append(f"{self.memory / 1e6:.0f} MB")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was asked; what Tocsin did, the least there is, and what the plain design did."""

    case: str
    what: str
    tocsin: Figures
    floor: Figures
    naive: Figures
    seconds: dict[str, float] = field(default_factory=dict)  # for whoever compares two runs


def span(seconds: float) -> str:
    """A number of seconds for a reader."""
    if math.isnan(seconds):
        return "never"
    if abs(seconds) >= 100:
        return f"{seconds:.0f} s"
    if abs(seconds) >= 1:
        return f"{seconds:.1f} s"
    if abs(seconds) >= 0.1:
        return f"{seconds * 1e3:.0f} ms"
    if abs(seconds) >= 0.001:
        return f"{seconds * 1e3:.1f} ms"
    return f"{seconds * 1e6:.0f} µs"


def rate(moments: Sequence[float]) -> float:
    """Events a second from the first moment to the last; NaN where there are fewer than two."""
    ordered = sorted(moments)
    if len(ordered) < 2 or ordered[-1] == ordered[0]:
        return math.nan
    return (len(ordered) - 1) / (ordered[-1] - ordered[0])


def a_second(number: float) -> str:
    """A rate for a reader."""
    return "none" if math.isnan(number) else f"{number:,.0f} a second" if number >= 10 else f"{number:.1f} a second"
