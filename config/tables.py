"""The tables that a team may add to: the words that call for help, and the cities by which people name their time zone.

`panic_words.toml` and `cities.toml` beside this file say how they are written.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent

City = tuple[tuple[str, ...], str, float, float]  # its names, its time zone, latitude and longitude in degrees


def panic_words(path: Path = HERE / "panic_words.toml") -> Mapping[str, tuple[str, ...]]:
    """The words and phrases that call for help, by language. Raises ValueError, with a sentence, for another shape."""
    tables = _read(path)
    for language, words in tables.items():
        if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
            raise ValueError(f'{path.name}: write `{language} = ["sos", "help"]`, a list of words.')
    return {language: tuple(words) for language, words in tables.items() if isinstance(words, list)}


def cities(path: Path = HERE / "cities.toml") -> tuple[City, ...]:
    """Cities beside those that name a time zone themselves. Raises ValueError, with a sentence, for another shape."""
    found: list[City] = []
    for zone, rows in _read(path).items():
        for row in rows if isinstance(rows, list) else [rows]:
            match row:
                case [str(names), int() | float() as latitude, int() | float() as longitude]:
                    found.append((tuple(names.split("|")), zone, float(latitude), float(longitude)))
                case _:
                    raise ValueError(f'{path.name}, "{zone}": write ["Name|Other name", latitude, longitude].')
    return tuple(found)


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}") from error
