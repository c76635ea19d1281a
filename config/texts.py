"""The texts people read, from one gettext catalogue for each language.

A text is named by a key ("defender.reminder"), in English too; its places are filled as `{due_at}`. A text that counts
has its plural under the same key with ".plural". The catalogues are read as they are written, in
`locale/<language>/LC_MESSAGES/tocsin.po`, so that a corrected word needs no build. What a language lacks is said in
English: an alarm in another language is better than none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from gettext import c2py
from pathlib import Path

from babel.messages.pofile import PoFileError, read_po

FALLBACK = "en"
PLURAL = ".plural"
LOCALE = Path(__file__).parent / "locale"
CATALOGUE = Path("LC_MESSAGES") / "tocsin.po"


@dataclass(frozen=True, slots=True)
class Language:
    """One catalogue: the forms of each text by key, one form where it does not count, and which form a number takes."""

    forms: Mapping[str, tuple[str, ...]]
    form_of: Callable[[int], int]


class Texts:
    """Every text in every language. `languages` are their codes, English first."""

    def __init__(self, folder: Path = LOCALE) -> None:
        """Raises ValueError, with a sentence that names the file, when a catalogue cannot be read."""
        found = sorted(path.name for path in folder.iterdir() if (path / CATALOGUE).is_file())
        if FALLBACK not in found:
            raise ValueError(f"There are no English texts: {folder / FALLBACK / CATALOGUE} is missing.")
        self.languages = (FALLBACK, *(language for language in found if language != FALLBACK))
        self._spoken = {language: _read(folder / language / CATALOGUE, language) for language in self.languages}

    def say(self, language: str, key: str, /, *, count: int | None = None, **words: object) -> str:
        """The text `key` in `language`, its places filled with `words`, and `{count}` with `count`.

        Raises KeyError when no catalogue knows the key, or a word that the text needs is missing."""
        spoken = self._speaker(language, key)
        forms = spoken.forms[key]
        if count is None:
            return forms[0].format(**words)
        form = spoken.form_of(count) if len(forms) > 1 else 0
        return forms[form].format(count=count, **words)

    def forms(self, language: str, key: str) -> tuple[str, ...]:
        """The text `key` as it is written, its places not filled; one form where it does not count. Raises KeyError."""
        return self._speaker(language, key).forms[key]

    def knows(self, key: str) -> bool:
        """Whether there is a text `key`."""
        return key in self._spoken[FALLBACK].forms

    def _speaker(self, language: str, key: str) -> Language:
        spoken = self._spoken.get(language, self._spoken[FALLBACK])
        return spoken if key in spoken.forms else self._spoken[FALLBACK]


def _read(path: Path, language: str) -> Language:
    try:
        with path.open(encoding="utf-8") as lines:
            catalogue = read_po(lines, locale=language, abort_invalid=True)
    except (PoFileError, ValueError, OSError) as error:
        raise ValueError(f"{path} cannot be read as a gettext catalogue: {error}") from error
    forms: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        key = message.id if isinstance(message.id, str) else message.id[0]
        translated = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if key and translated and all(translated):
            forms[key] = translated
    return Language(forms, c2py(catalogue.plural_expr))
