"""Which code and word show, which are true, and what giving one says: to the eye, after force as after a good row."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.secrets import Code, Verdict, Word, code_chosen, row_says, word_says

Row = tuple[int, ...]
rows = st.tuples(*(st.integers(0, 3) for _ in range(4)))  # few signs, so that rows are often near one another
lives = st.lists(st.tuples(rows, rows), max_size=5)  # (the row that is given, the code that is chosen with it)


def says(code: Code | None, row: Row) -> Verdict:
    """What a row says where a code is kept as it is written."""
    off = 0 if code is None else sum(map(str.__ne__, code.shown, _kept(row)))
    return row_says(code, is_one_off=off == 1, is_true=code is not None and _kept(row) == code.true)


def _kept(row: Row) -> str:
    return "".join(map(str, row))


def lived(life: list[tuple[Row, Row]], chooses: Callable[[Verdict], bool]) -> list[Code]:
    """The codes after each choice, none after a wrong row; `chooses` says which are by force."""
    codes = [code_chosen(None, "0123", forced=False)]
    for row, chosen in life:
        verdict = says(codes[-1], row)
        code = codes[-1]
        codes.append(code if verdict is Verdict.WRONG else code_chosen(code, _kept(chosen), forced=chooses(verdict)))
    return codes


@given(lives, rows)
def test_no_row_tells_ever_whether_what_shows_was_chosen_by_force(life: list[tuple[Row, Row]], row: Row) -> None:
    truly = lived(life, lambda verdict: verdict is Verdict.FORCED)
    freely = lived(life, lambda verdict: False)

    assert [code.shown for code in truly] == [code.shown for code in freely]
    for code, other in zip(truly, freely, strict=True):
        assert (says(code, row) is Verdict.WRONG) == (says(other, row) is Verdict.WRONG)


@given(lives)
def test_a_code_that_is_true_was_chosen_by_nobody_who_did_not_know_the_one_before(life: list[tuple[Row, Row]]) -> None:
    codes = lived(life, lambda verdict: verdict is Verdict.FORCED)

    for (before, after), (row, _) in zip(pairwise(codes), life, strict=True):
        assert after.true == before.true or says(before, row) is Verdict.GOOD


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ((5, 6, 5, 6), Verdict.FORCED),  # the one that shows
        ((5, 6, 5, 7), Verdict.WRONG),
        ((0, 1, 2, 3), Verdict.GOOD),  # the true one
        ((0, 1, 2, 9), Verdict.FORCED),
        ((8, 8, 8, 9), Verdict.FORCED),
    ],
)
def test_a_code_that_was_chosen_by_force_says_so_and_the_one_before_is_true(row: Row, verdict: Verdict) -> None:
    assert says(code_chosen(Code("0123", "0123"), "5656", forced=True), row) is verdict


def test_a_true_code_that_differs_in_one_sign_from_the_one_that_shows_is_wrong_to_the_eye() -> None:
    assert says(code_chosen(Code("0123", "0123"), "0124", forced=True), (0, 1, 2, 3)) is Verdict.WRONG


def test_the_same_code_chosen_by_force_is_the_true_one() -> None:
    assert says(code_chosen(Code("0123", "0123"), "0123", forced=True), (0, 1, 2, 3)) is Verdict.GOOD


def test_a_second_force_leaves_the_true_one_and_a_good_row_makes_both_one_again() -> None:
    code = code_chosen(code_chosen(Code("0123", "0123"), "5656", forced=True), "7878", forced=True)

    assert code == Code("7878", "0123")
    assert code_chosen(code, "2468", forced=False) == Code("2468", "2468")


def test_where_no_code_was_chosen_or_none_is_known_to_be_true_nothing_is_good() -> None:
    assert says(None, (0, 1, 2, 3)) is Verdict.WRONG
    assert code_chosen(None, "0123", forced=True) == Code("0123", None)
    assert says(Code("0123", None), (0, 1, 2, 3)) is Verdict.FORCED


@pytest.mark.parametrize(
    ("word", "is_shown", "verdict"),
    [
        (None, False, Verdict.WRONG),
        (None, True, Verdict.WRONG),
        (Word("kite"), True, Verdict.GOOD),
        (Word("kite"), False, Verdict.WRONG),
        (Word("kite", forced=True), True, Verdict.FORCED),
        (Word("kite", forced=True), False, Verdict.WRONG),
    ],
)
def test_a_word_that_was_chosen_by_force_says_so(word: Word | None, is_shown: bool, verdict: Verdict) -> None:
    assert word_says(word, is_shown=is_shown) is verdict


def test_neither_is_shown_when_it_is_printed() -> None:
    assert "kite" not in repr(Word("kite")) + repr(Code("kite", "kite"))
