"""What the defenders' bot seems to be: texts of the catalogue in the words of a cover.

`covers.toml` has some and says how they are written; an operator may write another.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from .lexicon import Lexicon, load_lexicon
from .texts import FALLBACK, Texts

COVERS = Path(__file__).parent / "covers.toml"
PLAIN = "notebook"  # what the catalogue says by itself
SHORT = {  # how a file names what every cover has
    "name": "profile.name",
    "about": "profile.about",
    "description": "profile.description",
    "stranger": "cover",
}
FACE = frozenset(f"defender.{key}" for key in SHORT.values())  # is of one piece in every language
LONGEST = {"profile.name": 64, "profile.about": 120, "profile.description": 512}  # characters; Bot API, setMyName etc.
LONGEST_TEXT = 2000  # characters

Tables = Mapping[str, Mapping[str, str]]


class CoverRefused(ValueError):
    """The cover cannot be worn; the message has every reason, a sentence each, on lines."""


@dataclass(frozen=True, slots=True)
class Covered:
    """Texts in which a cover's own come first. `language` is the one whose face is shown where another has none."""

    texts: Texts
    own: Tables
    language: str

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of all languages, English first."""
        return self.texts.languages

    def say(self, language: str, key: str, /, *, count: int | None = None, **words: object) -> str:
        """The text `key`, as `Texts.say` gives it."""
        own = self.own.get(language, {}).get(key)
        if own is None and key in FACE:
            own = self.own.get(self.language, {}).get(key)
        return self.texts.say(language, key, count=count, **words) if own is None else own.format(**words)


def cover_names(path: Path = COVERS) -> tuple[str, ...]:
    """What a cover may be called that comes with the service."""
    return (PLAIN, *_tables(path))


def wear(cover: str, texts: Texts, language: str = FALLBACK) -> Covered:
    """`texts` under a cover: the name of one, or the path of a file. Raises CoverRefused."""
    if cover == PLAIN:
        return Covered(texts, {}, language)
    known = _tables(COVERS)
    written = known[cover] if cover in known else _tables(Path(cover))
    faults = list(_faults(written, texts, load_lexicon()))
    if faults:
        raise CoverRefused("\n".join(faults))
    own = {spoken: _keys(table) for spoken, table in written.items()}
    return Covered(texts, own, language if language in own else next(iter(own)))


def _tables(path: Path) -> dict[str, Any]:
    """The tables of a file as they stand there."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise CoverRefused(f"{path.name}: there is no such file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CoverRefused(f"{path.name} is not valid TOML: {error}") from None


def _faults(written: Mapping[str, object], texts: Texts, lexicon: Lexicon) -> Iterator[str]:
    """What is wrong with a cover, a sentence each."""
    if not written:
        yield "A cover has a table for each language, such as [en]."
    for language, table in written.items():
        if language not in texts.languages or not isinstance(table, dict):
            yield f"[{language}]: write a table for one of {', '.join(texts.languages)}."
            continue
        yield from (f"{language}.{name}: this is missing." for name in SHORT if name not in table)
        for name, text in table.items():
            fault = _fault(language, SHORT.get(str(name), str(name)), text, texts, lexicon)
            if fault is not None:
                yield f"{language}.{name}: {fault}"


def _fault(language: str, name: str, text: object, texts: Texts, lexicon: Lexicon) -> str | None:
    key = f"defender.{name}"
    if not texts.knows(key) or len(texts.forms(FALLBACK, key)) > 1 or name.startswith("consent"):
        return "no cover says this: correct its spelling or remove it."
    if not isinstance(text, str) or not text.strip():
        return "write one line of text."
    if len(text) > LONGEST.get(name, LONGEST_TEXT):
        return f"write {LONGEST.get(name, LONGEST_TEXT)} characters at most."
    if _places(text) != _places(texts.forms(FALLBACK, key)[0]):
        return "leave the same places to be filled as the catalogue does."
    hits = lexicon.hits(language, text)
    return f"say it without “{hits[0].strip('*')}”." if hits else None


def _places(text: str) -> set[str] | None:
    """What a text leaves to be filled; None when its brackets make no sense."""
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return None


def _keys(table: Mapping[str, str]) -> dict[str, str]:
    """The texts of one language by their keys in the catalogue."""
    return {f"defender.{SHORT.get(name, name)}": text for name, text in table.items()}
