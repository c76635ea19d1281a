"""One bad update in an answer spoils only itself."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.splitting import (
    A_FEW,
    DEEPEST,
    LARGEST_ID,
    NotAnAnswer,
    RawUpdate,
    in_sequence,
    read_brought,
    read_update,
    split,
)


def answer(*updates: bytes) -> bytes:
    return b'{"ok":true,"result":[' + b",".join(updates) + b"]}"


def update(number: int, text: str = "hello") -> bytes:
    return json.dumps({"update_id": number, "message": {"text": text}}).encode()


def test_a_good_answer_gives_its_updates_in_order() -> None:
    found = split(answer(update(7), update(8)))

    assert [one.update_id for one in found] == [7, 8]
    assert all(one.content is not None for one in found)


def test_an_empty_answer_gives_nothing() -> None:
    assert split(b'{"ok":true,"result":[]}') == []


@pytest.mark.parametrize("broken", [b'{"update_id": 8, "message": {"text": "oh', b'{"update_id": 8, \xff\xfe}'])
def test_updates_around_a_broken_one_are_kept_and_the_broken_one_is_named(broken: bytes) -> None:
    found = split(answer(update(7, "sos"), broken, update(9, "sos")))

    assert [one.update_id for one in found] == [7, 8, 9]
    assert [one.content is not None for one in found] == [True, False, True]
    assert found[1].raw


def test_an_update_too_deep_to_read_does_not_take_the_others_with_it() -> None:
    deep = b'{"update_id": 8, "message": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}"

    found = split(answer(update(7), deep, update(9)))

    assert [one.update_id for one in found] == [7, 8, 9]
    assert found[0].content is not None
    assert found[2].content is not None


def test_what_lies_deeper_than_anybody_reads_is_left_out_and_the_rest_stays() -> None:
    nested = '{"a":' * 500 + "1" + "}" * 500
    raw = f'{{"update_id": 8, "message": {{"text": "sos", "novelty": {nested}}}}}'.encode()

    [found] = split(answer(raw))
    brought = read_brought(raw)

    for one in (found, brought):
        assert one is not None
        assert one.content is not None
        assert one.content["message"]["text"] == "sos"
        assert str(one.content).count("{") == DEEPEST


def test_signs_that_no_text_has_are_replaced() -> None:
    found = read_update(rb'{"update_id": 8, "message": {"text": "/panic \ud800 \u0000 here"}}')

    assert found == {
        "update_id": 8,
        "message": {"text": "/panic \N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER} here"},
    }


@pytest.mark.parametrize("number", ["true", "-1", "1e9", "null", '"7"', str(LARGEST_ID)])
def test_what_has_no_number_is_no_update(number: str) -> None:
    raw = f'{{"update_id": {number}}}'.encode()

    assert read_brought(raw) is None
    assert split(answer(raw, update(7)))[0].update_id == 7


def test_what_is_no_answer_at_all_is_said_to_be_none() -> None:
    with pytest.raises(NotAnAnswer):
        split(b"<html>bad gateway</html>")


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.tuples(st.integers(1, 10**9), TEXTS), max_size=5))
def test_what_is_kept_reads_back_as_what_came(pairs: list[tuple[int, str]]) -> None:
    body = json.dumps(
        {"ok": True, "result": [{"update_id": number, "message": {"text": text}} for number, text in pairs]}
    ).encode()

    for one, (number, text) in zip(split(body), pairs, strict=True):
        assert one.update_id == number
        assert read_update(one.raw) == {"update_id": number, "message": {"text": text}}


@given(st.binary(max_size=200))
def test_any_bytes_give_updates_or_a_plain_refusal(body: bytes) -> None:
    try:
        found = split(body)
    except NotAnAnswer:
        return

    assert all(isinstance(one.update_id, int) for one in found)


@pytest.mark.parametrize(
    ("said", "offset", "then"),
    [
        ([7, 8, 9], 7, [7, 8, 9]),
        ([-7, -8, 9], 7, [7, 8, 9]),
        ([-10, 20], 7, [10, 20]),
        ([-3, 8], 7, [7, 8]),
        ([7, -3, 9], 7, [7, 8, 9]),
        ([-9_211, 8], 7, [7, 8]),
        ([7, -9_211, -1, 12], 7, [7, 8, 9, 12]),
        ([-(7 + A_FEW - 1)], 7, [7 + A_FEW - 1]),
        ([-(7 + A_FEW)], 7, [7]),
        ([9_211], 7, [9_211]),
        ([3], 7, [3]),
        ([-9_211], None, [9_211]),
        ([4, -9_211], None, [4, 5]),
    ],
)
def test_what_cannot_be_read_has_a_number_that_it_can_have(
    said: list[int], offset: int | None, then: list[int]
) -> None:
    """Below zero: one that cannot be read, and the number that it says."""
    updates = [RawUpdate(abs(number), b"{", {} if number > 0 else None) for number in said]

    assert [update.update_id for update in in_sequence(updates, offset)] == then
