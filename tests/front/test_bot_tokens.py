"""The tokens of a side's bots: one or several, from wherever a setting may come."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import SettingsRefused, load_settings

ONE, TWO, THREE = "1001:" + "d" * 35, "1002:" + "e" * 35, "1003:" + "r" * 35
Give = Callable[[Path], dict[str, str]]


def in_a_variable(between: str) -> Give:
    return lambda _: {"TOCSIN_DEFENDER_BOT_TOKEN": f"{ONE}{between}{TWO}"}


def in_a_file(folder: Path) -> dict[str, str]:
    (folder / "tokens").write_text(f"{ONE}\n{TWO}\n", encoding="utf-8")
    return {"TOCSIN_DEFENDER_BOT_TOKEN_FILE": str(folder / "tokens")}


def as_a_credential(folder: Path) -> dict[str, str]:
    (folder / "tocsin.defender_bot_token").write_text(f"{ONE}\n{TWO}\n", encoding="utf-8")
    return {"CREDENTIALS_DIRECTORY": str(folder)}


def as_a_list(folder: Path) -> dict[str, str]:
    (folder / "own.toml").write_text(f'defender_bot_token = ["{ONE}", "{TWO}"]\n', encoding="utf-8")
    return {"TOCSIN_CONFIG": str(folder / "own.toml")}


@pytest.mark.parametrize(
    "given", [in_a_variable(" "), in_a_variable(","), in_a_variable(", "), in_a_file, as_a_credential, as_a_list]
)
def test_a_side_may_have_several_bots_each_known_by_its_number(tmp_path: Path, given: Give) -> None:
    settings = load_settings(given(tmp_path), tmp_path)

    assert [(bot.number, bot.token.get_secret_value()) for bot in settings.bots("defender")] == [
        (1001, ONE),
        (1002, TWO),
    ]
    assert settings.bots("responder") == ()
    assert ONE not in repr(settings) + repr(settings.bots("defender"))


@pytest.mark.parametrize(
    ("defenders", "responders", "told"),
    [
        (f"{ONE} 1002-{'e' * 35}", THREE, "TOCSIN_DEFENDER_BOT_TOKEN: this is no bot token"),
        (f"{ONE} 1001:{'n' * 35}", THREE, "TOCSIN_DEFENDER_BOT_TOKEN: two of these tokens are of the same bot"),
        (f"{ONE} {TWO}", f"{THREE} 1002:{'n' * 35}", "TOCSIN_RESPONDER_BOT_TOKEN: this is the defenders' bot"),
        (",", THREE, "TOCSIN_DEFENDER_BOT_TOKEN: this is no bot token"),
    ],
)
def test_bots_that_cannot_be_are_refused_without_a_word_of_their_tokens(
    tmp_path: Path, defenders: str, responders: str, told: str
) -> None:
    environ = {"TOCSIN_DEFENDER_BOT_TOKEN": defenders, "TOCSIN_RESPONDER_BOT_TOKEN": responders}

    with pytest.raises(SettingsRefused) as refusal:
        load_settings(environ, tmp_path)

    [fault] = refusal.value.faults
    assert fault.startswith(told)
    assert "eeee" not in fault + repr(refusal.value)
    assert "nnnn" not in fault
