"""Parts that are bound say where each begins."""

import pytest

from store.binding import LONGEST_PART, bound


def test_each_part_stands_behind_its_length_in_two_bytes_the_great_one_first() -> None:
    assert bound("a", b"", bytes(258)) == b"\0\1a" + b"\0\0" + b"\1\2" + bytes(258)


def test_the_longest_part_is_bound_and_a_longer_one_refused() -> None:
    assert bound(bytes(LONGEST_PART)) == b"\xff\xff" + bytes(0xFFFF)
    with pytest.raises(ValueError, match="65,535 bytes at most"):
        bound(bytes(LONGEST_PART + 1))


def test_half_a_character_is_bound_as_it_stands() -> None:
    assert bound("\ud83d") == b"\0\3" + "\ud83d".encode("utf-8", "surrogatepass")
