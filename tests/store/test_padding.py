"""A sealed content has one of few lengths, and what was filled up comes back; nothing else is taken for it."""

import pytest

from store.padding import pad, unpad
from store.refusals import SealBroken

SIZES = (16, 64)


@pytest.mark.parametrize(
    ("length", "padded"), [(0, 16), (11, 16), (12, 16), (13, 64), (60, 64), (61, 128), (124, 128), (125, 192)]
)
def test_the_length_says_only_which_size_was_enough(length: int, padded: int) -> None:
    content = b"a" * length

    assert len(pad(content, SIZES)) == padded
    assert unpad(pad(content, SIZES)) == content


def test_the_largest_size_is_the_one_that_is_repeated() -> None:
    assert len(pad(b"a" * 100, (16, 32, 64))) == 128


def test_zeros_at_the_end_are_content_and_not_filling() -> None:
    assert unpad(pad(b"a\0\0", SIZES)) == b"a\0\0"


def test_nothing_needs_no_filling() -> None:
    assert unpad(b"\0\0\0\0") == b""


def test_a_length_stands_in_four_bytes_the_highest_first() -> None:
    assert pad(b"a" * 300, (512,))[:4] == b"\0\0\x01\x2c"


@pytest.mark.parametrize(
    "broken",
    [
        b"",  # no length
        b"\0\0\0",  # not all of it
        b"\0\0\0\x05aaaa",  # shorter than it says
        b"\0\0\0\x01a\x01\0\0",  # filled with something
        b"\0\0\0\x01a\0\0\x01",
        b"\0\0\0\x01aX",
        b"\0\0\0\0a",
    ],
)
def test_what_was_not_filled_up_here_is_refused(broken: bytes) -> None:
    with pytest.raises(SealBroken):
        unpad(broken)
