"""What goes into the hash of a word or a code, letter for letter: whoever changes it makes every kept one worthless."""

from escalation.secrets import Code
from store.words import LONGEST_WORD, hash_code, hash_word, read_code, word_matches


class Pepper:
    """Remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self, code: str) -> bytes:
        """A pepper that is none."""
        self.given.append(code)
        return code.encode()


def test_a_code_goes_in_four_times_with_one_place_left_out() -> None:
    pepper = Pepper()
    expected = ["code:-,1,2,11", "code:0,-,2,11", "code:0,1,-,11", "code:0,1,2,-"]

    hashed = hash_code([0, 1, 2, 11], pepper)
    read_code([0, 1, 2, 11], Code(hashed, hashed), pepper)

    assert pepper.given == expected * 2
    assert [line.split("$")[1] for line in hashed.split("\n")] == ["argon2id"] * 4


def test_a_word_goes_in_whole_up_to_the_longest_message() -> None:
    pepper = Pepper()

    hashed = hash_word("blue kite", pepper)
    word_matches("x" * (LONGEST_WORD + 1), hashed, pepper)

    assert pepper.given == ["word:blue kite", "word:" + "x" * LONGEST_WORD]
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
