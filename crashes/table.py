"""The table: one line for each case on each database, for whoever ran it and for the page in docs/."""

import os
import platform
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from bench.figures import Spread, span
from engine.clock import SystemClock

from .lives import Outcome

BEGIN, END = "<!-- crashes:begin -->\n", "<!-- crashes:end -->"
HEAD = (
    "| Case | Database | What | Ends | Alarms | Lost | Twice, and said so | Twice, not said | Recovery |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)
LINE = re.compile(r"^\| (\w+) \| (\w+) \|.*\|$", re.MULTILINE)
RECOVERED_WITHIN = 15.0  # seconds; what is promised
TOLD_TO_END = (0, -15)  # exit codes of who was told to stop: in its work, and before it had begun


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `what` says which storm, and what befell the service."""

    case: str
    what: str
    kind: str
    outcome: Outcome

    @property
    def line(self) -> str:
        """As the table has it."""
        count, told = self.outcome.count, Spread.of(self.outcome.recoveries)
        cells = [self.case, self.kind, self.what, self._ends(), f"{count.due:,}", _bold(count.lost)]
        cells += [str(count.marked), _bold(count.unmarked + count.notices), _recovery(told)]
        return f"| {' | '.join(cells)} |"

    @property
    def is_kept(self) -> bool:
        """Whether nothing was lost, nobody was told twice without being told so, and it was soon well again."""
        return self.outcome.count.is_clean and max(self.outcome.recoveries, default=0.0) < RECOVERED_WITHIN

    def _ends(self) -> str:
        said = [f"{self.outcome.deaths:,} killed"] if self.outcome.deaths else []
        stopped = sum(code in TOLD_TO_END for code in self.outcome.codes)
        said += [f"{stopped:,} stopped"] if stopped else []
        others = len(self.outcome.codes) - stopped
        return ", ".join([*said, *([f"{others:,} by itself"] if others else [])]) or "none"


def machine(size: str) -> str:
    """When and on what it ran, in one sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Measured by `make crashes` ({size} size) on {SystemClock().now():%Y-%m-%d} with {os.cpu_count()} cores"
        f" ({platform.machine()}, load {os.getloadavg()[0]:.1f} at the end), {memory:.0f} GiB, Python"
        f" {platform.python_version()}, SQLite {sqlite3.sqlite_version}, and the bundled PostgreSQL."
    )


def put(page: str, rows: Iterable[Row], about: str) -> str:
    """The page with these lines in place of those of the same cases; the others stay.

    Raises ValueError on a page without a place for the table."""
    before, begin, rest = page.partition(BEGIN)
    between, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page needs the lines {BEGIN.strip()} and {END}")
    rows = list(rows)
    new = {(row.case, row.kind) for row in rows}
    kept = [found[0] for found in LINE.finditer(between) if found[1] != "Case" and (found[1], found[2]) not in new]
    table = "".join(f"{line}\n" for line in [*kept, *(row.line for row in rows)])
    return f"{before}{begin}{HEAD}{table}\n{about}\n{end}{after}"


def _bold(number: int) -> str:
    return f"**{number}**" if number else "0"


def _recovery(told: Spread) -> str:
    if not told.seconds:
        return "–"
    return told.shown() if len(told.seconds) > 1 else span(told.median)
