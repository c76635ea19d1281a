"""The words that must not stand in a defender's chat are found, however they are written and bent."""

import pytest

from config.lexicon import load_lexicon

LEXICON = load_lexicon()
GIVEN_AWAY = [
    ("en", "HELP is on the way."),
    ("en", "An alarm was raised."),
    ("en", "Your lawyers have been told."),
    ("en", "Write /panic now."),
    ("en", "That was your duress code."),
    ("es", "La policía te detuvo."),
    ("es", "Es una emergencia."),
    ("es", "Tu red te ayudará."),
    ("fr", "L’avocate est prévenue."),
    ("fr", "Appelez les secours."),
    ("fr", "Quelqu’un s’en charge."),
    ("pt", "Você está em perigo?"),
    ("pt", "O pedido de socorro foi enviado."),
    ("ar", "وصلت الشرطة"),
    ("ar", "كلمة الأمان صحيحة"),
    ("ar", "نداء استغاثة"),
    ("ru", "Тревога поднята."),
    ("ru", "Помощь идёт."),
    ("ru", "Вас похитили?"),
    ("ru", "You are in danger."),
]
HARMLESS = [
    ("en", "Ready when you are. /help shows what there is."),
    ("en", "Savings: 3."),
    ("es", "Anotado."),
    ("fr", "Tout s’arrête ici."),
    ("pt", "Hora do seu registro."),
    ("ar", "تبقى هذه الأزرار تحت المحادثة. \u2068/help\u2069 لعرض ما هو متاح."),
    ("ru", "Записано."),
]


@pytest.mark.parametrize(("language", "text"), GIVEN_AWAY)
def test_a_word_that_gives_the_chat_away_is_found(language: str, text: str) -> None:
    assert LEXICON.hits(language, text)


@pytest.mark.parametrize(("language", "text"), HARMLESS)
def test_an_everyday_text_is_let_through(language: str, text: str) -> None:
    assert LEXICON.hits(language, text) == []
