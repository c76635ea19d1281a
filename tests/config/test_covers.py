"""What the defenders' bot seems to be: whole in every language, short enough, and with no word that gives it away."""

from pathlib import Path

import pytest

from config.covers import FACE, PLAIN, CoverRefused, cover_names, wear
from config.lexicon import load_lexicon
from config.texts import Texts

TEXTS = Texts()
LEXICON = load_lexicon()
FACED = """
[fr]
name = "Jardin"
about = "Un jardin."
description = "Un jardin et ses saisons."
stranger = "Bonjour. Le jardin est fermé."
"""


def written(folder: Path, text: str) -> str:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(CoverRefused) as refused:
        wear(written(folder, text), TEXTS)
    return str(refused.value)


def test_there_are_several_to_choose_from() -> None:
    assert set(cover_names()) >= {"notebook", "lessons", "habits"}


@pytest.mark.parametrize("name", cover_names())
def test_a_cover_that_comes_with_the_service_speaks_every_language(name: str) -> None:
    covered = wear(name, TEXTS)

    faces = {language: [covered.say(language, key) for key in sorted(FACE)] for language in TEXTS.languages}

    assert len({tuple(face) for face in faces.values()}) == len(TEXTS.languages)


@pytest.mark.parametrize("name", [name for name in cover_names() if name != PLAIN])
def test_covers_share_no_word_of_their_face(name: str) -> None:
    covered, plain = wear(name, TEXTS), wear(PLAIN, TEXTS)

    assert [key for key in FACE for lang in TEXTS.languages if covered.say(lang, key) == plain.say(lang, key)] == []


def test_what_a_cover_does_not_say_the_catalogue_says() -> None:
    assert wear("habits", TEXTS).say("es", "defender.button.yes") == TEXTS.say("es", "defender.button.yes")


def test_an_operators_own_cover_is_one_piece_in_every_language(tmp_path: Path) -> None:
    covered = wear(written(tmp_path, FACED), TEXTS, "en")

    assert covered.say("ru", "defender.cover") == "Bonjour. Le jardin est fermé."
    assert covered.say("ru", "defender.noted") == TEXTS.say("ru", "defender.noted")


def test_another_text_may_be_said_in_the_cover_words_with_its_places_filled(tmp_path: Path) -> None:
    covered = wear(written(tmp_path, FACED + 'reminder = "On arrose à {due_at}."\n'), TEXTS)

    assert covered.say("fr", "defender.reminder", due_at="9:00") == "On arrose à 9:00."


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('remnder = "x"', "no cover says this"),
        ('reminder = "Bientôt."', "same places"),
        ('noted = "{"', "same places"),
        ('noted = ""', "one line of text"),
        ("noted = 3", "one line of text"),
        ('noted = "Les secours arrivent."', "without “secours”"),
        ('consent = "Oui ?"', "no cover says this"),
    ],
)
def test_what_a_cover_must_not_say_is_refused_by_name(tmp_path: Path, line: str, fault: str) -> None:
    said = refusal(tmp_path, FACED + line)

    assert said.startswith("fr.")
    assert fault in said


def test_a_name_that_the_messenger_would_not_take_is_refused(tmp_path: Path) -> None:
    assert "64 characters" in refusal(tmp_path, FACED.replace("Jardin", "J" * 65))


def test_a_cover_without_a_face_is_refused(tmp_path: Path) -> None:
    assert "en.stranger: this is missing." in refusal(tmp_path, '[en]\nname = "A"\nabout = "B"\ndescription = "C"\n')
    assert "for each language" in refusal(tmp_path, "")
    assert "one of en" in refusal(tmp_path, '[tlh]\nname = "A"\n')


def test_a_file_that_is_not_there_or_no_toml_is_refused(tmp_path: Path) -> None:
    assert "not valid TOML" in refusal(tmp_path, "name =")
    with pytest.raises(CoverRefused, match="no such file"):
        wear(str(tmp_path / "nowhere.toml"), TEXTS)
