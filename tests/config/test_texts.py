"""What people read: every language says everything, with every place to be filled, and numbers in their right form."""

from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from config.texts import CATALOGUE, LOCALE, Texts

LANGUAGES = Texts().languages
OTHERS = [language for language in LANGUAGES if language != "en"]


def catalogue(language: str) -> Catalog:
    with (LOCALE / language / CATALOGUE).open(encoding="utf-8") as lines:
        return read_po(lines, locale=language, abort_invalid=True)


def forms(messages: Catalog) -> dict[str, tuple[str, ...]]:
    """The forms of every text by key."""
    return {
        message.id if isinstance(message.id, str) else message.id[0]: (
            (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        )
        for message in messages
        if message.id
    }


def places(text: str) -> set[str]:
    """What a text leaves to be filled; `{count}` may be said in words."""
    return {name for _, name, _, _ in Formatter().parse(text) if name} - {"count"}


def written(folder: Path, language: str, body: str) -> None:
    path = folder / language / CATALOGUE
    path.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    path.write_text(head + body, encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: str) -> None:
    empty = [key for key, texts in forms(catalogue(language)).items() if not texts or not all(texts)]

    assert empty == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_is_written_once(language: str) -> None:
    lines = (LOCALE / language / CATALOGUE).read_text(encoding="utf-8").splitlines()
    keys = [line for line in lines if line.startswith("msgid ")]

    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_says_what_english_says_and_nothing_else(language: str) -> None:
    assert forms(catalogue(language)).keys() == forms(catalogue("en")).keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_form_drops_a_place_or_makes_one_up(language: str) -> None:
    english = forms(catalogue("en"))
    wrong = [
        (key, text)
        for key, texts in forms(catalogue(language)).items()
        for text in texts
        if places(text) != places(english[key][-1])
    ]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_counts_has_as_many_forms_as_the_language(language: str) -> None:
    messages = catalogue(language)
    wrong = [
        message.id for message in messages if message.pluralizable and len(message.string or ()) != messages.num_plurals
    ]

    assert wrong == []


def test_a_place_is_filled() -> None:
    assert "09:00" in Texts().say("en", "defender.reminder", due_at="09:00")


def test_a_missing_word_is_a_fault_and_not_a_gap() -> None:
    with pytest.raises(KeyError):
        Texts().say("en", "defender.reminder")


def test_a_key_that_nobody_wrote_is_a_fault() -> None:
    with pytest.raises(KeyError):
        Texts().say("en", "defender.no_such_text")


def test_a_language_that_nobody_wrote_is_english() -> None:
    assert Texts().say("tlh", "defender.noted") == Texts().say("en", "defender.noted")


def test_what_a_language_lacks_is_said_in_english(tmp_path: Path) -> None:
    written(tmp_path, "en", 'msgid "a.b"\nmsgstr "one {x}"\n')
    written(tmp_path, "fr", 'msgid "a.b"\nmsgstr ""\n')

    assert Texts(tmp_path).say("fr", "a.b", x=1) == "one 1"


def test_a_number_takes_the_form_of_its_language(tmp_path: Path) -> None:
    written(
        tmp_path, "en", 'msgid "days"\nmsgid_plural "days.plural"\nmsgstr[0] "{count} day"\nmsgstr[1] "{count} days"\n'
    )
    written(
        tmp_path,
        "ru",
        'msgid "days"\nmsgid_plural "days.plural"\n'
        'msgstr[0] "{count} день"\nmsgstr[1] "{count} дня"\nmsgstr[2] "{count} дней"\n',
    )
    texts = Texts(tmp_path)

    assert [texts.say("en", "days", count=n) for n in (1, 2)] == ["1 day", "2 days"]
    assert [texts.say("ru", "days", count=n) for n in (1, 3, 11)] == ["1 день", "3 дня", "11 дней"]


def test_what_somebody_typed_is_not_read_as_a_place() -> None:
    assert "{due_at}" in Texts().say("en", "defender.reminder", due_at="{due_at}")


def test_a_broken_catalogue_is_named_in_one_sentence(tmp_path: Path) -> None:
    written(tmp_path, "en", "these are no texts\n")

    with pytest.raises(ValueError, match="cannot be read as a gettext catalogue"):
        Texts(tmp_path)


def test_there_must_be_english(tmp_path: Path) -> None:
    written(tmp_path, "fr", 'msgid "a.b"\nmsgstr "c"\n')

    with pytest.raises(ValueError, match="no English"):
        Texts(tmp_path)
