"""Safe words: only the right one matches, and the hash does not tell which it is."""

import pytest

from store.words import hash_word, word_matches


def test_only_the_word_that_was_hashed_matches() -> None:
    hashed = hash_word("açaí")

    assert word_matches("açaí", hashed)
    assert not word_matches("acai", hashed)
    assert not word_matches("", hashed)


def test_the_hash_is_argon2id_with_a_salt_of_its_own() -> None:
    first, second = hash_word("açaí"), hash_word("açaí")

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


@pytest.mark.parametrize("hashed", ["", "açaí", "$argon2id$v=19$m=19456,t=2,p=1$", "$2b$12$abc"])
def test_nothing_matches_what_is_no_hash(hashed: str) -> None:
    assert not word_matches("açaí", hashed)


def test_any_word_can_be_hashed() -> None:
    odd = "\x00\ud83d" + "ю" * 1000

    assert word_matches(odd, hash_word(odd))
