"""The crash matrix at its smallest, on both databases; and it is put to the test itself by builds that are broken."""

import random
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from bench.postgres import Server, server
from crashes.counting import Count
from crashes.disks import SECTOR, tear
from crashes.kills import Killing
from crashes.lives import Outcome
from crashes.matrix import CASES, Ground, Size
from crashes.storms import Storm
from crashes.table import BEGIN, END, Row, put
from crashes.troubles import LATE
from tests.databases import KINDS

TINY = Size("tiny", Storm(4, 2), Storm(12, 2), Storm(6, 1, LATE), 9, 3, 1, 4, 1, 2.0, 3)
LEAST_DEATHS = {"walk": 6, "stride": 1, "power": 1, "ahead": 1}  # else nothing was shown
BROKEN = ("settles_first", "confirms_first", "says_nothing")

NUMBERS = count()

pytestmark = pytest.mark.slow


class On(Protocol):
    """Gives a place for a case on a database of this kind."""

    def __call__(self, kind: str) -> Ground:
        """An empty folder and, for PostgreSQL, the server."""


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    """A folder with a short path, as a socket's must be, through which others may pass: for root, PostgreSQL is one."""
    with tempfile.TemporaryDirectory(prefix="tc") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def postgres(scratch: Path) -> Iterator[Server]:
    """One server for all cases; each that ends it begins it again."""
    (scratch / "pg").mkdir()
    with server(scratch / "pg", hasty=False) as started:
        yield started


@pytest.fixture
def on(scratch: Path, request: pytest.FixtureRequest) -> On:
    """Where a case runs."""

    def ground(kind: str) -> Ground:
        (folder := scratch / f"case{next(NUMBERS)}").mkdir()
        return Ground(TINY, kind, folder, request.getfixturevalue("postgres") if kind == "postgresql" else None)

    return ground


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", ["walk", "stride", "stop", "power", "gone", "ahead"])
async def test_however_the_service_ends_no_alarm_is_lost_and_repeats_say_so(case: str, kind: str, on: On) -> None:
    row = await CASES[case](on(kind))

    assert row.outcome.count.due
    assert row.outcome.count.is_clean, row.line
    assert row.outcome.deaths >= LEAST_DEATHS.get(case, 0)


async def test_a_full_disk_loses_no_alarm(on: On) -> None:
    row = await CASES["full"](on("sqlite"))

    assert row.outcome.count.is_clean, row.line


async def test_told_to_stop_the_service_says_nothing_twice(on: On) -> None:
    row = await CASES["stop"](on("sqlite"))

    assert row.outcome.codes
    assert row.outcome.count.marked == 0


@pytest.mark.real_time
@pytest.mark.parametrize("kind", KINDS)
async def test_after_a_death_the_first_alarm_is_taken_within_fifteen_seconds(kind: str, on: On) -> None:
    row = await CASES["stride"](on(kind))

    assert row.outcome.recoveries
    assert row.is_kept, row.line


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_broken_build_is_caught(broken: str, on: On) -> None:
    killing = Killing(TINY.at_once, module=f"tests.crashes.{broken}", patience=5.0)
    caught = False

    async for _, outcome in killing.each_point(await on("sqlite").enrol(TINY.walked)):
        if caught := not outcome.count.is_clean:
            break

    assert caught


def test_a_torn_file_is_made_of_sectors_of_both_pictures(tmp_path: Path) -> None:
    before, after, disk = (tmp_path / name for name in ("before", "after", "disk"))
    for folder, byte in ((before, b"b"), (after, b"a"), (disk, b"?")):
        folder.mkdir()
        (folder / "tocsin.sqlite").write_bytes(byte * SECTOR * 8)
        (folder / "tocsin.sqlite-wal").write_bytes(byte * SECTOR * (16 if folder is after else 8))
    seen = set()

    for seed in range(40):
        tear(before, after, disk, random.Random(seed))
        file, log = ((disk / name).read_bytes() for name in ("tocsin.sqlite", "tocsin.sqlite-wal"))
        seen |= {len(log) // SECTOR, b"a" in file, b"a" in log and b"b" in log}
        if b"a" in file:
            assert set(log) == {ord("a")}, "the log is on the disk before the file is changed by it"

    assert seen >= {8, 16, True, False}


def test_a_line_takes_the_place_of_the_same_case_on_the_same_database() -> None:
    page = f"before\n{BEGIN}{END}\nafter"
    clean, not_clean = Outcome(Count(due=5)), Outcome(Count(due=5, lost=1))

    page = put(
        page, [Row("walk", "a storm", "sqlite", not_clean), Row("walk", "a storm", "postgresql", clean)], "Then."
    )
    page = put(page, [Row("walk", "a storm", "sqlite", clean)], "Now.")

    assert page.count("| walk | sqlite |") == page.count("| walk | postgresql |") == 1
    assert "**1**" not in page
    assert "Now." in page


def test_a_slow_recovery_breaks_a_promise() -> None:
    outcome = Outcome(Count(due=5), recoveries=[0.5, 16.0])

    assert not Row("walk", "a storm", "sqlite", outcome).is_kept
