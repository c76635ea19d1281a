"""What is written from the right reads from the right, and what is to be typed keeps its order inside it."""

import re
import unicodedata
from collections.abc import Iterator
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from config.texts import CATALOGUE, LOCALE

RIGHT_TO_LEFT = ("ar",)
ISOLATED = re.compile("\u2068[^\u2068\u2069\n]*\u2069")
TYPED = re.compile(r"/[a-z]|`|\d:\d|\{(?:zones?|place)\}")
STRONG = frozenset({"L", "R", "AL"})


def lines(language: str) -> Iterator[tuple[str, str]]:
    """Every line of every form of every text, with its key."""
    with (LOCALE / language / CATALOGUE).open(encoding="utf-8") as written:
        for message in read_po(written, locale=language, abort_invalid=True):
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            if message.id:
                yield from ((str(message.id), line) for form in forms for line in form.splitlines())


def outside(line: str) -> str:
    """What of a line stands in no isolate."""
    return ISOLATED.sub("", line)


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_what_is_to_be_typed_keeps_its_order(language: str) -> None:
    assert [(key, line) for key, line in lines(language) if TYPED.search(outside(line))] == []


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_no_line_leaves_the_writing_direction_turned(language: str) -> None:
    assert [(key, line) for key, line in lines(language) if re.search("[\u2066-\u2069]", outside(line))] == []


@pytest.mark.parametrize("language", RIGHT_TO_LEFT)
def test_every_line_begins_from_the_right(language: str) -> None:
    wrong = []
    for key, line in lines(language):
        literal = "".join(text for text, _, _, _ in Formatter().parse(outside(line)))
        first = next((one for one in map(unicodedata.bidirectional, literal) if one in STRONG), None)
        if first == "L" or (first is None and literal):
            wrong.append((key, line))

    assert wrong == []
