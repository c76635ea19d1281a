"""Safe words as Argon2id hashes, in the PHC string format."""


def hash_word(word: str) -> str:
    """To come."""
    raise NotImplementedError


def word_matches(word: str, hashed: str) -> bool:
    """To come."""
    raise NotImplementedError
