"""The 256 words of which people read four to each other; `check_words.toml` says how they were chosen."""

import tomllib
from pathlib import Path

CHECK_WORDS = Path(__file__).parent / "check_words.toml"
COUNT = 256  # one for each value of a byte


def load_check_words(path: Path = CHECK_WORDS) -> tuple[str, ...]:
    """The words, in their order. Raises ValueError, with a sentence that says what to write, when they are not 256
    different ones."""
    try:
        words = tomllib.loads(path.read_text(encoding="utf-8")).get("words")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}") from error
    named = words.split() if isinstance(words, str) else []
    if len(named) != COUNT or len(set(named)) != COUNT:
        raise ValueError(f'{path.name}: write `words = """…"""` with {COUNT} different words.')
    return tuple(named)
