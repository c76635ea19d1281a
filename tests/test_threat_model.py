"""SECURITY.md is held to the tests: every adversary names what holds our promise, every name is a test that is there.

A row names a bar by `test_a1_…`, which stands for all its tests, and any other test by its whole name."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent
PAGE = (HOUSE / "SECURITY.md").read_text(encoding="utf-8")
ROW = re.compile(r"^### (T\d+)\. .+?$\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
PARTS = ("**Whoever does this gets**", "**We promise**", "**What remains**", "**Held by**")
NAMED = re.compile(r"`(test_\w+?)(…?)`")
NUMBERS = {
    "A": "13456",
    "B": "12456",
    "C": "1234",
    "D": "1467",
    "E": "1234567",
    "F": "12345678",
    "G": "5789",
    "H": "1237",
}
BARS = [letter + number for letter, numbers in NUMBERS.items() for number in numbers]
ADVERSARIES = [f"T{number}" for number in range(1, 15)]

each_adversary = pytest.mark.parametrize("adversary", ADVERSARIES)


def rows() -> dict[str, str]:
    """What the page says of each adversary."""
    return dict(ROW.findall(PAGE))


@cache
def written(folder: str) -> frozenset[str]:
    """The name of every test that is written below a folder."""
    return frozenset(
        node.name
        for path in (HOUSE / folder).rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def named(text: str) -> list[tuple[str, bool]]:
    """The tests that a text names, as pairs of (name, whether it is only how the names begin)."""
    return [(name, bool(more)) for name, more in NAMED.findall(text)]


def is_there(name: str, begins: bool) -> bool:
    """Whether there is such a test."""
    return any(test.startswith(name) for test in written("tests/bars")) if begins else name in written("tests")


def without_a_test() -> set[str]:
    """The bars for which no test is written."""
    return {bar for bar in BARS if not is_there(f"test_{bar.lower()}_", begins=True)}


def not_there_yet() -> set[str]:
    """The bars of which the page says that nothing holds them yet."""
    section = re.search(r"^## What is not there yet$\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^\* \*\*([A-H]\d)\*\*", section[1], re.MULTILINE)) if section else set()


def test_every_adversary_has_its_row() -> None:
    assert list(rows()) == ADVERSARIES


@each_adversary
def test_a_row_says_what_is_lost_what_is_promised_what_remains_and_what_holds_it(adversary: str) -> None:
    row = rows()[adversary]

    assert [part for part in PARTS if row.count(part) != 1] == []
    assert sorted(PARTS, key=row.index) == list(PARTS)


@each_adversary
def test_every_test_that_a_row_names_is_there(adversary: str) -> None:
    holding = named(rows()[adversary].partition(PARTS[-1])[2])

    assert holding
    assert [name for name, begins in holding if not is_there(name, begins)] == []


def test_the_page_names_no_test_that_is_not_there() -> None:
    assert [name for name, begins in named(PAGE) if not is_there(name, begins)] == []


def test_every_bar_stands_in_a_row() -> None:
    holding = {name for row in rows().values() for name, _ in named(row.partition(PARTS[-1])[2])}
    unnamed = [bar for bar in BARS if not any(name.startswith(f"test_{bar.lower()}_") for name in holding)]

    assert set(unnamed) == not_there_yet()


def test_the_page_says_exactly_which_bars_are_not_there_yet() -> None:
    assert not_there_yet() == without_a_test()
