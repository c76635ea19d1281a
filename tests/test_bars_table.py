"""The table of the bars: several runs of one bar are one line, nothing that failed is hidden, and the page is kept."""

from pathlib import Path

import pytest

from tests.bars.table import BEGIN, END, HEAD, Ran, lines, put, shown, write

DAY = "2026-11-22"
PAGE = f"Before.\n\n{BEGIN}{END}\n\nAfter.\n"


def ran(test: str, *said: tuple[str, str], outcome: str = "passed", seconds: float = 1.0) -> Ran:
    """One test that ran."""
    return Ran(test, outcome, seconds, said)


def test_both_databases_stand_in_one_line() -> None:
    both = [
        ran("test_a1_nothing_lies_open[sqlite]", ("0 markers", "0 of 40"), seconds=20),
        ran("test_a1_nothing_lies_open[postgresql]", ("0 markers", "0 of 40"), seconds=30),
    ]

    assert lines(both, DAY) == {"A1": f"| A1 | 0 markers | 0 of 40 (sqlite, postgresql) | 50 | {DAY} |"}


def test_what_differs_between_runs_is_told_of_each() -> None:
    both = [ran("test_e2_one_wins[sqlite]", ("one", "200")), ran("test_e2_one_wins[postgresql]", ("one", "300"))]

    assert "| 200 (sqlite); 300 (postgresql) |" in lines(both, DAY)["E2"]


def test_several_tests_of_a_bar_are_one_line() -> None:
    three = [
        ran("test_h1_heard", ("always heard", "10,000 traces")),
        ran("test_h1_in_time", ("in time", "5 s")),
        ran("test_h1_kept"),
    ]

    assert "| always heard; in time | 10,000 traces; 5 s; 1 more test passed | 3.0 |" in lines(three, DAY)["H1"]


def test_a_bar_that_says_nothing_is_told_by_the_names_of_its_tests() -> None:
    assert (
        "| B4 | a backup is closed to its host | 1 test passed |"
        in lines([ran("test_b4_a_backup_is_closed_to_its_host")], DAY)["B4"]
    )


def test_what_failed_is_told_before_what_passed_and_never_as_measured() -> None:
    two = [
        ran("test_f1_all_alike[sqlite]", ("all alike", "30 days")),
        ran("test_f1_all_alike[postgresql]", ("all alike", "30 days"), outcome="failed"),
    ]

    assert "| **not met:** all alike (postgresql); 30 days (sqlite) |" in lines(two, DAY)["F1"]


def test_what_did_not_run_says_so() -> None:
    assert "**not run:** all alike" in lines([ran("test_f1_all_alike", outcome="skipped")], DAY)["F1"]


def test_a_cell_cannot_break_the_table() -> None:
    line = lines([ran("test_d4_odd", ("a|b\nc", "x"))], DAY)["D4"]

    assert line.startswith("| D4 | a\\|b c | x |")


def test_a_name_without_a_bar_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with its bar"):
        lines([ran("test_something")], DAY)


def test_a_whole_run_replaces_the_table_and_leaves_the_page() -> None:
    old = put(PAGE, lines([ran("test_a1_x"), ran("test_b1_x")], DAY), "Here.", whole=True)

    new = put(old, lines([ran("test_a1_x", outcome="failed")], DAY), "There.", whole=True)

    assert set(shown(new)) == {"A1"}
    assert "**not met:** x" in new
    assert new.startswith(f"Before.\n\n{BEGIN}{HEAD}| A1 ")
    assert new.endswith(f"There.\n{END}\n\nAfter.\n")


def test_a_run_of_some_bars_keeps_the_others() -> None:
    old = put(PAGE, lines([ran("test_a1_x"), ran("test_b1_x")], "2026-11-21"), "Here.", whole=True)

    rows = shown(put(old, lines([ran("test_b1_x", ("y", "z"))], DAY), "There.", whole=False))

    assert rows["A1"].endswith("| 2026-11-21 |")
    assert rows["B1"] == f"| B1 | y | z | 1.0 | {DAY} |"


def test_a_page_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the lines"):
        put("Nothing here.", {}, "Here.", whole=True)


def test_a_run_of_nothing_leaves_the_file(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(PAGE, encoding="utf-8")

    write(page, {}, "Here.", whole=True)

    assert page.read_text(encoding="utf-8") == PAGE
