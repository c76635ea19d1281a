"""The words that must not stand in a defender's chat; `lexicon.toml` has them and says how they are written."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

LEXICON = Path(__file__).parent / "lexicon.toml"
EVERYWHERE = "en"  # read into texts of every language
HELP = re.compile(r"(?<!\S)[\u2068\u200f]*/help\b")  # the command that every bot has tells nothing
APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'"})
HAMZA = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي"})


class Lexicon:
    """Finds words in texts."""

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        """`words` are those of each language, as in the file."""
        self._words = {language: {word: _pattern(word) for word in listed} for language, listed in words.items()}

    def hits(self, language: str, text: str) -> list[str]:
        """The words of the lexicon that `text`, which is in `language`, has in it; empty when it may be shown."""
        plain = f" {_plain(HELP.sub(' ', text))} "
        listed = self._words.get(EVERYWHERE, {}) | self._words.get(language, {})
        return [word for word, pattern in listed.items() if pattern.search(plain)]


def load_lexicon(path: Path = LEXICON) -> Lexicon:
    """The lexicon of the file."""
    return Lexicon(tomllib.loads(path.read_text(encoding="utf-8")))


def _pattern(word: str) -> re.Pattern[str]:
    """`word` as it is found between the words of a plain text."""
    parts = [r"\w*".join(re.escape(_plain(piece)) for piece in part.split("*")) for part in word.split()]
    return re.compile(r"(?<!\w)" + r"\W+".join(parts) + r"(?!\w)")


def _plain(text: str) -> str:
    """`text` without letter case, accents and marks."""
    folded = unicodedata.normalize("NFKD", text.translate(APOSTROPHES).translate(HAMZA).casefold())
    return "".join(letter for letter in folded if unicodedata.category(letter) not in ("Mn", "Cf")).translate(HAMZA)
