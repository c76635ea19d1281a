"""The words that call for help, in every language; `panic_words.toml` says how they are written."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

PANIC_WORDS = Path(__file__).parent / "panic_words.toml"


def load_panic_words(path: Path = PANIC_WORDS) -> Mapping[str, tuple[str, ...]]:
    """The words and phrases by language. Raises ValueError, with a sentence that says what to write, for a file of
    another shape."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}") from error
    return {language: _words(path, language, words) for language, words in tables.items()}


def _words(path: Path, language: str, words: object) -> tuple[str, ...]:
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        raise ValueError(f'{path.name}: write `{language} = ["sos", "help"]`, a list of words.')
    return tuple(words)
