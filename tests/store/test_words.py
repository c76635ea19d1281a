"""Safe words and codes: only the right one matches, the hash does not tell which it is, and a slip is no force."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest

from escalation.secrets import Code, Verdict
from store.data_keys import DataKeys
from store.vault import Vault
from store.words import SIGNS_OF_A_CODE, hash_code, hash_word, parts_of_reading, read_code, word_matches
from tests.keys import KEYRING

ANA, BEA = UUID(int=1), UUID(int=2)
VAULT = Vault(KEYRING, DataKeys.in_transaction())
CODE, NEW = (3, 0, 7, 3), (5, 6, 5, 6)
HASHED, OTHER_HASHED = "\n".join("abcd"), "\n".join("efgh")


def pepper(person: UUID = ANA) -> Callable[[str], bytes]:
    return partial(VAULT.peppered, person)


def test_only_the_word_that_was_hashed_matches() -> None:
    hashed = hash_word("açaí", pepper())

    assert word_matches("açaí", hashed, pepper())
    assert not word_matches("acai", hashed, pepper())
    assert not word_matches("", hashed, pepper())


def test_a_word_matches_for_its_own_person_only() -> None:
    assert not word_matches("açaí", hash_word("açaí", pepper(ANA)), pepper(BEA))


def test_the_hash_is_argon2id_with_a_salt_of_its_own() -> None:
    first, second = hash_word("açaí", pepper()), hash_word("açaí", pepper())

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


@pytest.mark.parametrize("hashed", [None, "", "açaí", "$argon2id$v=19$m=19456,t=2,p=1$", "$2b$12$abc"])
def test_nothing_matches_what_is_no_hash(hashed: str | None) -> None:
    assert not word_matches("açaí", hashed, pepper())


def test_any_word_can_be_hashed() -> None:
    odd = "\x00\ud83d" + "ю" * 100_000

    assert word_matches(odd, hash_word(odd, pepper()), pepper())


@pytest.mark.parametrize(
    ("signs", "verdict"),
    [
        (CODE, Verdict.GOOD),
        ((3, 0, 7, 4), Verdict.WRONG),
        ((4, 0, 7, 3), Verdict.WRONG),
        ((3, 3, 7, 3), Verdict.WRONG),
        ((3, 7, 0, 3), Verdict.FORCED),
        ((3, 3, 7, 0), Verdict.FORCED),
        ((1, 2, 4, 5), Verdict.FORCED),
        ((3, 3, 3, 3), Verdict.FORCED),
    ],
)
def test_a_row_of_signs_says_by_how_many_it_is_off(signs: tuple[int, ...], verdict: Verdict) -> None:
    hashed = hash_code(CODE, pepper())

    assert read_code(signs, Code(hashed, hashed), pepper()) is verdict


@pytest.mark.parametrize(
    ("signs", "verdict"),
    [
        (CODE, Verdict.GOOD),
        (NEW, Verdict.FORCED),
        ((5, 6, 5, 7), Verdict.WRONG),
        ((4, 0, 7, 3), Verdict.FORCED),  # each sign of the true one counts
        ((3, 1, 7, 3), Verdict.FORCED),
        ((3, 0, 1, 3), Verdict.FORCED),
        ((3, 0, 7, 4), Verdict.FORCED),
        ((8, 9, 8, 9), Verdict.FORCED),
    ],
)
def test_the_true_code_is_good_beneath_one_that_was_chosen_by_force(signs: tuple[int, ...], verdict: Verdict) -> None:
    code = Code(hash_code(NEW, pepper()), hash_code(CODE, pepper()))

    assert read_code(signs, code, pepper()) is verdict


def test_where_no_code_is_known_to_be_true_none_is_good() -> None:
    assert read_code(CODE, Code(hash_code(CODE, pepper()), None), pepper()) is Verdict.FORCED


@pytest.mark.parametrize("code", [None, Code(HASHED, HASHED), Code(HASHED, OTHER_HASHED), Code(HASHED, None)])
def test_every_row_takes_the_same_work(code: Code | None) -> None:
    assert len(parts_of_reading(CODE, code, pepper())) == 6


def test_whoever_has_chosen_no_code_is_never_forced() -> None:
    assert read_code(CODE, None, pepper()) is Verdict.WRONG


def test_a_code_is_kept_without_any_two_of_its_hashes_alike() -> None:
    kept = hash_code((5, 5, 5, 6), pepper()).split("\n")

    assert len(set(kept)) == len(kept) == SIGNS_OF_A_CODE


@pytest.mark.parametrize("lines", [1, 3, 5])
def test_a_code_of_which_more_or_less_is_kept_than_was_says_nothing(lines: int) -> None:
    kept = hash_code(CODE, pepper()).split("\n")

    whole, part = "\n".join(kept), "\n".join((kept * 2)[:lines])
    for code in (Code(part, whole), Code(whole, part)):
        with pytest.raises(ValueError, match="zip"):
            read_code(CODE, code, pepper())


@pytest.mark.parametrize("signs", [(), (1, 2, 3), (1, 2, 3, 4, 5), (6, 6, 6, 6)])
def test_what_is_no_code_cannot_be_chosen(signs: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="four signs"):
        hash_code(signs, pepper())


def test_a_word_is_no_code() -> None:
    said = "3,0,7,-"

    assert not word_matches(said, hash_code(CODE, pepper()).split("\n")[3], pepper())
