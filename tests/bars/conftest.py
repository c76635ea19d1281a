"""The bars: what must hold before this is given to anybody, each a test whose name begins with its number.

`make test` runs them small, `make bars` at their full size, where each also leaves a line for the table in the README.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

FULL = os.environ.get("TOCSIN_BARS") == "full"
LINES: dict[str, tuple[str, str]] = {}  # by bar, as (what must hold, what was measured)


@dataclass
class Bar:
    """One bar, on its way to a line of the table."""

    must: str = ""
    found: list[str] = field(default_factory=list)

    def size(self, small: int, full: int) -> int:
        """How many times to try."""
        return full if FULL else small

    def holds(self, must: str, found: str) -> None:
        """Note, after the assertions, what the bar asks and what was measured, as a reader of the table is told."""
        self.must = must
        self.found.append(found)


@pytest.fixture
def bar(request: pytest.FixtureRequest) -> Iterator[Bar]:
    """The bar that this test is."""
    one = Bar()
    yield one
    number = request.node.name.split("_")[1].upper()
    if one.found:
        before = LINES.get(number, ("", ""))
        LINES[number] = (one.must, "; ".join(filter(None, (before[1], *one.found))))
