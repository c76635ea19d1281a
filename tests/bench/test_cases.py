"""The benchmark at its smallest: every case gives its rows, with floors and the plain design beside them, and whatever
the speed nothing of ours was lost or doubled. No figure is held against a clock."""

from itertools import count
from pathlib import Path

import pytest

from bench.__main__ import CASES
from bench.driving import TINY, Run
from bench.figures import Figures, Row

FOLDERS = count()
ROWS = {
    "panic_idle": 1, "panic_in_storm": 1, "deadline": 1, "storm": 1, "storm_paced": 1, "checkins": 2,
    "checkins_coded": 1, "ticks": 3 * len(TINY.enrolled), "starting": 2, "several": 3,
}  # fmt: skip
COUNTED = set(ROWS) - {"ticks"}
ON_POSTGRES = {"several": pytest.mark.postgres}


async def rows_of(name: str, folder: Path) -> list[Row]:
    """What this case finds."""
    case = next(case for cases in CASES.values() for case in cases if case.__name__ == name)
    return await case(Run(TINY, folder, forked=True))


def is_measured(figures: Figures) -> bool:
    """Whether there is a number in it."""
    return any(sign.isdigit() for sign in figures.shown())


def test_every_case_is_tried_here() -> None:
    assert set(ROWS) == {case.__name__ for cases in CASES.values() for case in cases}


@pytest.mark.slow
@pytest.mark.parametrize("name", [pytest.param(name, marks=ON_POSTGRES.get(name, ())) for name in ROWS])
async def test_a_case_gives_its_rows_each_beside_its_floor_and_nothing_of_ours_is_lost_or_doubled(
    name: str, tmp_path: Path
) -> None:
    rows = await rows_of(name, tmp_path)

    assert len(rows) == ROWS[name]
    for row in rows:
        assert is_measured(row.tocsin), row
        assert is_measured(row.floor), row
        assert (row.tocsin.lost, row.tocsin.doubled) == ((0, 0) if name in COUNTED else (None, None)), row
        assert is_measured(row.naive) or row.naive.said.startswith("has n"), row
