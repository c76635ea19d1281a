"""The bars: what must hold before this is given to anybody, each a test whose name begins with its number.

`make test` runs them small. `make bars` runs them at their full size and puts what they found into the README's table,
met or not; `make bars ONLY=e1` does so for one, `make bars PART=20` at a twentieth of the size, and the table says so.
A bar that takes longer than it may has not been met.
"""

import json
import os
import platform
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import cryptography
import pytest

from tests.bars import table
from tests.bars.table import Ran

PART = int(os.environ.get("TOCSIN_BARS", "0"))  # of the full size, one in so many; 0 for small
FULL = PART > 0
PAGE = os.environ.get("TOCSIN_BARS_PAGE")  # the file that has the table; none is written unless set
LONGEST_BAR = 90 * 60  # seconds for one test at full size; on two idle cores the longest takes about an hour
LONGEST_RUN = 240 * 60  # seconds; what has not begun by then is "not run"
SAID = "bar"  # the name under which a test's report carries what it said

RAN: list[Ran] = []
BEGUN = time.monotonic()


def sized(small: int, full: int) -> int:
    """How many times to try in this run. With `small` above `full` it is a step that gets finer, and has no between."""
    if not FULL:
        return small
    return full if small > full else max(small, full // PART)


class Bar:
    """One test of a bar, on its way to a line of the table."""

    def __init__(self, node: pytest.Item) -> None:
        """Of this test."""
        self._node = node

    def size(self, small: int, full: int) -> int:
        """How many times to try."""
        return sized(small, full)

    def holds(self, must: str, found: str) -> None:
        """Note, after the assertions, what the bar asks and what was measured, as a reader of the table is told."""
        self._node.user_properties.append((SAID, json.dumps([must, found])))


@pytest.fixture
def bar(request: pytest.FixtureRequest) -> Bar:
    """The bar that this test is."""
    assert isinstance(request.node, pytest.Item)
    return Bar(request.node)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test of this folder that belongs to no bar."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            table.named(item.name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Let a test of a bar take so long and no longer."""
    if not FULL:
        return (yield)
    if time.monotonic() - BEGUN > LONGEST_RUN:
        pytest.skip("the time of the whole run was over")

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"took longer than {LONGEST_BAR} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(LONGEST_BAR)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep what became of a test: its call, or whatever kept it from being called or made it fail afterwards."""
    name = report.nodeid.rpartition("::")[2]
    if FULL and table.NAME.match(name) and (report.when == "call" or report.outcome != "passed"):
        said = [json.loads(str(text)) for key, text in report.user_properties if key == SAID]
        RAN.append(Ran(name, report.outcome, report.duration, tuple((must, found) for must, found in said)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the table of what ran."""
    if FULL and RAN:
        terminalreporter.section("bars")
        for line in table.lines(RAN, _day()).values():
            terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Put the table into its page. Of a run that was cut short, or of some bars only, the other lines stay."""
    if FULL and PAGE and not hasattr(session.config, "workerinput"):
        to_its_end = exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        whole = to_its_end and not session.config.getoption("keyword")
        table.write(Path(PAGE), table.lines(RAN, _day()), _about(), whole=whole)


def _day() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}" + (f", 1/{PART} of the size" if PART > 1 else "")


def _about() -> str:
    return (
        "Measured by `make bars`, at full size unless it says otherwise, one after the other; the last time with "
        f"{os.cpu_count()} cores ({platform.machine()}, load {os.getloadavg()[1]:.1f}), Python "
        f"{platform.python_version()}, cryptography {cryptography.__version__}."
    )
