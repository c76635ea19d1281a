"""The grid: each tap counts once, four are a row, and what is shown tells only how many there were."""

from typing import Any

from bot.grid import IN_A_ROW, MADE, OPEN, SIGNS, TAPS, Grid, Step


def shown(grid: Grid) -> tuple[str, list[str], list[str]]:
    """What a reader sees: how many taps, the signs in order, and the nonce of each."""
    words = grid.shown()
    keys = words["keys"]
    assert isinstance(keys, list)
    return str(words["made"]), [str(key[0]) for key in keys], [str(key[1]) for key in keys]  # type: ignore[index]


def test_a_row_has_four_taps_and_no_fifth() -> None:
    grid = Grid.fresh(Step.WISH)
    *_, nonces = shown(grid)

    known = [grid.tap(nonce) for nonce in nonces[: TAPS + 1]]

    assert known == [True] * (TAPS + 1)
    assert grid.taps == grid.order[:TAPS]
    assert shown(grid)[0] == MADE * TAPS


def test_a_tap_counts_once_however_often_it_comes() -> None:
    grid = Grid.fresh(Step.WISH)
    *_, nonces = shown(grid)

    for _ in range(3):
        assert grid.tap(nonces[0])

    assert len(grid.taps) == 1
    assert shown(grid)[0] == MADE + OPEN * (TAPS - 1)


def test_what_is_no_nonce_of_this_grid_changes_nothing() -> None:
    grid, other = Grid.fresh(Step.WISH), Grid.fresh(Step.WISH)
    *_, nonces = shown(other)

    assert not grid.tap(nonces[0])
    assert not grid.tap("")
    assert grid.taps == []


def test_every_sign_is_there_once_in_an_order_that_changes() -> None:
    orders = {tuple(shown(Grid.fresh(Step.WISH))[1]) for _ in range(20)}

    assert all(sorted(order) == sorted(SIGNS) for order in orders)
    assert len(orders) == 20
    assert len(SIGNS) % IN_A_ROW == 0


def test_every_nonce_is_new_and_hard_to_guess() -> None:
    grid = Grid.fresh(Step.WISH)

    nonces = [nonce for _ in range(20) for nonce in shown(grid)[2]]

    assert len(set(nonces)) == len(nonces)
    assert {len(nonce) for nonce in nonces} == {16}


def test_a_grid_comes_back_as_it_was_and_nothing_else_does() -> None:
    grid = Grid.fresh(Step.FIRST)
    *_, nonces = shown(grid)
    grid.tap(nonces[3])

    again = Grid.within({"grid": grid.as_words()})

    assert again is not None
    assert again.as_words() == grid.as_words()
    assert Grid.within({}) is None
    assert Grid.within({"grid": {"step": "wish"}}) is None
    assert Grid.within({"grid": None}) is None


def test_what_is_no_sign_is_no_sign_of_a_grid_that_comes_back() -> None:
    grid = Grid.fresh(Step.WISH)
    *_, nonces = shown(grid)
    kept: Any = grid.as_words()

    again = Grid.within({"grid": kept | {"keys": kept["keys"] | {nonces[0]: "7"}}})

    assert again is not None
    assert not again.tap(nonces[0])
    assert again.tap(nonces[1])
