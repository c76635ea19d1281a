"""Languages by the names that people who speak them use."""

from collections.abc import Iterable

from babel import Locale

from .folding import fold


def name_of(language: str) -> str:
    """The name of `language` in itself."""
    name = Locale.parse(language).get_display_name(language) or language
    return name[:1].upper() + name[1:]


def language_named(text: str, languages: Iterable[str]) -> str | None:
    """Which of `languages` somebody means who types its code or its name, in itself or in English."""
    wanted = fold(text)
    for language in languages:
        locale = Locale.parse(language)
        if wanted in {fold(name or "") for name in (language, name_of(language), locale.get_display_name("en"))}:
            return language
    return None
