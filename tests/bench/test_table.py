"""The table of the benchmark: no loss is hidden, some cases can be measured anew, and the page around it stays."""

import math

import pytest

from bench.figures import Figures, Row, Spread, a_second, rate, span
from bench.table import BEGIN, END, HEAD, lines, put

PAGE = f"Before.\n\n{BEGIN}{END}\n\nAfter.\n"


def row(case: str, said: str = "p50 1.0 ms", lost: int | None = 0) -> Row:
    """A line of the table."""
    return Row(case, "what", Figures(said, lost, 0, 0.002, 50_000_000), Figures("floor"), Figures("plain"))


def test_a_line_has_the_floor_and_the_plain_design_beside_the_figure() -> None:
    assert lines([row("panic")]) == ["| panic | what | p50 1.0 ms; 2.0 ms CPU each; 50 MB | floor | plain |"]


def test_what_was_lost_stands_in_the_line() -> None:
    assert "**3 lost**" in lines([row("storm", lost=3)])[0]


def test_a_run_of_one_case_keeps_the_lines_of_the_others() -> None:
    old = put(PAGE, lines([row("panic"), row("storm", "slow")]), "Here.")

    new = put(old, lines([row("storm", "fast")]), "There.")

    assert new.startswith(f"Before.\n\n{BEGIN}{HEAD}| panic |")
    assert "fast" in new
    assert "slow" not in new
    assert new.endswith(f"There.\n{END}\n\nAfter.\n")


def test_a_page_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        put("Nothing here.", [], "Here.")


def test_percentiles_are_measurements_that_were_made() -> None:
    hundred = Spread.of(number / 1000 for number in range(100, 0, -1))

    assert (hundred.median, hundred.at(0.99), hundred.at(1.0)) == (0.050, 0.099, 0.100)


def test_what_never_came_has_no_percentile() -> None:
    assert math.isnan(Spread.of([]).median)
    assert Spread.of([]).shown() == "none"
    assert span(math.nan) == "never"


def test_a_rate_counts_what_lies_between_the_first_and_the_last() -> None:
    assert rate([3.0, 1.0, 2.0]) == 1.0
    assert math.isnan(rate([1.0]))
    assert a_second(12_345.0) == "12,345 a second"
