"""What is sealed to the ingest key opens with it, in its own context, and in no other way."""

import pytest

from store import ingest
from store.binding import bound
from store.padding import RAW_BUCKETS, pad
from store.refusals import SealBroken

PRIVATE = ingest.new_private()
PUBLIC = ingest.public_of(PRIVATE)
ID = bytes.fromhex("00c0ffee")
CONTEXT = bound("inbox", "defenders", "1")
RAW = b'{"update_id": 1}'


def sealed() -> bytes:
    return ingest.seal_to(PUBLIC, ID, RAW, CONTEXT)


def opened(seal: bytes, context: bytes = CONTEXT, private: bytes = PRIVATE) -> bytes:
    return ingest.open_with(ingest.unfolded(private), seal, context)


def test_what_was_sealed_opens_as_it_was() -> None:
    assert opened(sealed()) == RAW


def test_a_seal_says_to_whom_it_was_made() -> None:
    assert ingest.key_of(sealed()) == ID
    assert sealed()[:6] == b"\1\1" + ID


def test_a_seal_opens_in_its_own_context_only() -> None:
    with pytest.raises(SealBroken, match="made for another place"):
        opened(sealed(), context=bound("inbox", "defenders", "2"))


def test_a_seal_opens_with_its_own_key_only() -> None:
    with pytest.raises(SealBroken, match="broken"):
        opened(sealed(), private=ingest.new_private())


@pytest.mark.parametrize("place", [*range(7), 600, -1])
def test_a_seal_of_which_one_bit_was_changed_does_not_open(place: int) -> None:
    changed = bytearray(sealed())
    changed[place] ^= 1

    with pytest.raises(SealBroken):
        opened(bytes(changed))


def test_what_is_bound_to_a_seal_is_our_purpose_its_beginning_and_its_context() -> None:
    """As it is written down, so that another program can open it."""
    seal = sealed()
    info = bound("tocsin/ingest/v1", b"\1\1" + ID, CONTEXT)

    padded = ingest.SUITE.decrypt(seal[6:], ingest.unfolded(PRIVATE), info=info)

    assert padded == pad(RAW, RAW_BUCKETS)


def test_a_key_is_two_halves_one_after_the_other() -> None:
    assert (len(PRIVATE), len(PUBLIC)) == (64 + 32, 1184 + 32)
    assert ingest.public_of(PRIVATE) == PUBLIC


@pytest.mark.parametrize("what", [b"", b"\1", b"\1\1" + ID, b"\2\1" + ID + b"more", b"\1\2" + ID + b"more"])
def test_what_is_no_seal_of_ours_has_no_key(what: bytes) -> None:
    with pytest.raises(SealBroken, match="not a seal that we know"):
        ingest.key_of(what)


def test_the_shortest_that_may_be_a_seal_has_one() -> None:
    assert ingest.key_of(b"\1\1" + ID + b"!") == ID
