"""A code is the same however it was read out and typed."""

import pytest

from engine.intake import code_hash


@pytest.mark.parametrize("typed", ["k7q2-10ab", "K7Q2 10AB", "K7Q2–10AB", "K7Q210AB", "k7q2-ioab", " K7Q2-LOAB "])
def test_a_code_is_the_same_however_it_was_typed(typed: str) -> None:
    assert code_hash(typed) == code_hash("K7Q2-10AB")


def test_another_code_is_another() -> None:
    assert code_hash("K7Q2-10AB") != code_hash("K7Q2-10AC")
