"""The keys that stay under a defender's chat. A key types its label; the labels are neutral words of the catalogue."""

from collections.abc import Sequence
from typing import Protocol

from .folding import fold_label

SIGN, CALL, HELP = "defender.key.sign", "defender.key.call", "defender.key.help"


class Say(Protocol):
    """A text of the catalogue in a language. Raises KeyError for a text that nobody wrote."""

    def __call__(self, language: str, key: str, /, *, count: int | None = None, **words: object) -> str: ...


class Keys:
    """Knows each key by its label in any language: people change languages, and old keyboards stay."""

    def __init__(self, say: Say, languages: Sequence[str]) -> None:
        self.call = tuple(say(language, CALL) for language in languages)
        self._sign = frozenset(fold_label(say(language, SIGN)) for language in languages)
        self._help = frozenset(fold_label(say(language, HELP)) for language in languages)

    def is_sign(self, text: str) -> bool:
        """Whether this is the key for a check-in by one tap."""
        return fold_label(text) in self._sign

    def is_help(self, text: str) -> bool:
        """Whether this is the key that explains."""
        return fold_label(text) in self._help
