"""What people read: every language says everything, with every place to be filled, and numbers in their right form."""

import re
from functools import cache
from gettext import c2py
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from config.texts import CATALOGUE, LOCALE, Texts

LANGUAGES = Texts().languages
OTHERS = [language for language in LANGUAGES if language != "en"]
SAME_EVERYWHERE = {  # nothing but places and signs
    "defender.tick",
    "responder.about.panic",
    "responder.about.missed",
    "responder.button.place",
}
LONGEST_BUTTON = 24  # characters; two stand beside each other on a small phone
COMMAND = re.compile(r"(?<![\w/])/[a-z]+")
MARK = re.compile(r"^\W+(?=\w)|[^\w…]+$")  # what stands around the words of a label


@cache
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
    """What a text leaves to be filled."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def counting(messages: Catalog) -> set[str]:
    """The keys of the texts that count."""
    return {message.id[0] for message in messages if message.id and message.pluralizable}


def labels(messages: Catalog) -> dict[str, str]:
    """What is written on every button of responders, without its sign."""
    return {key: MARK.sub("", texts[0]) for key, texts in forms(messages).items() if ".button." in key}


def written(folder: Path, language: str, body: str) -> None:
    path = folder / language / CATALOGUE
    path.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    path.write_text(head + body, encoding="utf-8")


def test_all_six_languages_are_spoken() -> None:
    assert set(LANGUAGES) == {"en", "es", "fr", "pt", "ar", "ru"}


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
    english, spare = forms(catalogue("en")), counting(catalogue("en"))
    wrong = [
        (key, text)
        for key, texts in forms(catalogue(language)).items()
        for text in texts
        if places(text) | ({"count"} if key in spare else set()) != places(english[key][-1])  # "one person" counts too
    ]

    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str) -> None:
    english = forms(catalogue("en"))
    same = {key for key, texts in forms(catalogue(language)).items() if set(texts) & set(english[key])}

    assert same <= SAME_EVERYWHERE


@pytest.mark.parametrize("language", OTHERS)
def test_a_text_gives_the_commands_that_english_gives(language: str) -> None:
    english = forms(catalogue("en"))
    wrong = [
        (key, text)
        for key, texts in forms(catalogue(language)).items()
        for text in texts
        if set(COMMAND.findall(text)) != set(COMMAND.findall(english[key][-1]))
    ]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_names_a_button_says_what_is_written_on_it(language: str) -> None:
    english, said, written_on = forms(catalogue("en")), forms(catalogue(language)), labels(catalogue(language))
    english_labels = labels(catalogue("en"))
    named = [
        (key, button)
        for key, texts in english.items()
        for button, label in english_labels.items()
        if key.startswith("responder.") and f"“{label}”" in texts[0]
    ]

    assert len(named) >= 9
    assert [(key, button) for key, button in named if written_on[button] not in said[key][0]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_button_is_short(language: str) -> None:
    shown = {key: text for key, texts in forms(catalogue(language)).items() for text in texts if ".button." in key}
    long = {key: text for key, text in shown.items() if key not in SAME_EVERYWHERE and len(text) > LONGEST_BUTTON}

    assert long == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_texts_count_in_every_language(language: str) -> None:
    assert counting(catalogue(language)) == counting(catalogue("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_counts_has_as_many_forms_as_the_language(language: str) -> None:
    messages, known = catalogue(language), Catalog(locale=language)
    wrong = [
        message.id for message in messages if message.pluralizable and len(message.string or ()) != known.num_plurals
    ]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_is_the_one_for_some_number(language: str) -> None:
    messages = catalogue(language)
    form_of = c2py(messages.plural_expr)

    assert {form_of(number) for number in range(200)} == set(range(messages.num_plurals))


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
