"""Settings: from the environment, a file that holds one, or tocsin.toml; every fault at once, and no secret shown."""

from pathlib import Path

import pytest

from config.settings import Listen, Settings, SettingsRefused, load_settings

TOKEN, OTHER_TOKEN = "123456:AAE-first_bot_of_the_two-0123456789", "654321:AAE-second_bot_of_the_two-012345678"


def faults(environ: dict[str, str], here: Path) -> tuple[str, ...]:
    """What is said of settings that cannot be used."""
    with pytest.raises(SettingsRefused) as refusal:
        load_settings(environ, here)
    return refusal.value.faults


def written(here: Path, text: str) -> Path:
    """A settings file in the usual data folder."""
    (here / ".tocsin").mkdir(exist_ok=True)
    path = here / ".tocsin" / "tocsin.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path)

    assert settings.data == tmp_path / ".tocsin"
    assert settings.database.get_secret_value() == f"sqlite:///{tmp_path}/.tocsin/tocsin.sqlite"
    assert settings.telegram_api == "https://api.telegram.org"
    assert settings.listen == Listen("127.0.0.1", 8080)
    assert (settings.defender_bot_token, settings.heartbeat_url, settings.webhook_url) == (None, None, None)


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    environ = {
        "TOCSIN_DEFENDER_BOT_TOKEN": "hunter2",
        "TOCSIN_RESPONDER_BOT_TOKEN_FILE": str(tmp_path / "not there"),
        "TOCSIN_TELEGRAM_API": "api.telegram.org",
        "TOCSIN_DATABASE": "mysql://tocsin:hunter2@db/tocsin",
        "TOCSIN_LADDERS": "nowhere.toml",
        "TOCSIN_LISTEN": "8080",
        "TOCSIN_HEARTBEAT_URL": "hunter2.example.org",
        "TOCSIN_WEBHOOK_URL": "http://tocsin.example.org",
        "TOCSIN_MAIL_URL": "smtp://tocsin:hunter2@mail.example.org",
        "TOCSIN_LANGUAGE": "tlh",
        "TOCSIN_COVER": "beard",
    }

    told = faults(environ, tmp_path)

    assert {fault.split(":")[0].removesuffix("_FILE") for fault in told} == {
        name.removesuffix("_FILE") for name in environ
    }
    assert all(fault.endswith(".") for fault in told)


def test_no_secret_is_in_a_fault_or_a_repr(tmp_path: Path) -> None:
    told = faults({"TOCSIN_DATABASE": "mysql://u:hunter2@db", "TOCSIN_DEFENDER_BOT_TOKEN": "hunter2"}, tmp_path)
    settings = load_settings(
        {
            "TOCSIN_DEFENDER_BOT_TOKEN": TOKEN,
            "TOCSIN_DATABASE": "postgresql://u:hunter2@db/tocsin",
            "TOCSIN_HEARTBEAT_URL": "https://watch.example.org/hunter2",
            "TOCSIN_MAIL_URL": "smtp://u:hunter2@mail.example.org?from=tocsin@example.org",
        },
        tmp_path,
    )

    assert "hunter2" not in "".join(told)
    assert "hunter2" not in repr(settings) + str(settings)
    assert TOKEN not in repr(settings)


def test_a_secret_can_be_a_credential_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "tocsin.defender_bot_token").write_text(f"{TOKEN}\n", encoding="utf-8")
    written(tmp_path, f'defender_bot_token = "{OTHER_TOKEN}"\n')
    here = {"CREDENTIALS_DIRECTORY": str(tmp_path)}

    handed = load_settings(here, tmp_path).defender_bot_token
    told = load_settings(here | {"TOCSIN_DEFENDER_BOT_TOKEN": OTHER_TOKEN}, tmp_path).defender_bot_token

    assert handed is not None
    assert handed.get_secret_value() == TOKEN
    assert told is not None
    assert told.get_secret_value() == OTHER_TOKEN


def test_an_empty_credential_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "tocsin.mail_url").touch()

    assert faults({"CREDENTIALS_DIRECTORY": str(tmp_path)}, tmp_path) == (
        f"TOCSIN_MAIL_URL_FILE: {tmp_path}/tocsin.mail_url should hold the value and nothing else.",
    )


def test_a_secret_can_be_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")

    settings = load_settings({"TOCSIN_DEFENDER_BOT_TOKEN_FILE": str(tmp_path / "token")}, tmp_path)

    assert settings.defender_bot_token is not None
    assert settings.defender_bot_token.get_secret_value() == TOKEN


def test_a_setting_cannot_come_from_two_places_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "listen").write_text("127.0.0.1:1", encoding="utf-8")

    told = faults({"TOCSIN_LISTEN": "127.0.0.1:2", "TOCSIN_LISTEN_FILE": str(tmp_path / "listen")}, tmp_path)

    assert told == ("TOCSIN_LISTEN: this and TOCSIN_LISTEN_FILE are both set; remove one of them.",)


def test_the_file_in_the_data_folder_is_read_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / ".tocsin").mkdir()
    (tmp_path / ".tocsin" / "token").write_text(TOKEN, encoding="utf-8")
    (tmp_path / ".tocsin" / "own.toml").write_text("", encoding="utf-8")
    written(
        tmp_path, 'listen = "0.0.0.0:1"\nladders = "own.toml"\nlanguage = "en"\ndefender_bot_token_file = "token"\n'
    )

    settings = load_settings({"TOCSIN_LISTEN": "127.0.0.1:2"}, tmp_path)

    assert settings.listen == Listen("127.0.0.1", 2)
    assert settings.ladders == tmp_path / ".tocsin" / "own.toml"
    assert settings.defender_bot_token is not None


def test_a_settings_file_elsewhere_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "of our own.toml"
    path.write_text('data = "kept here"\n', encoding="utf-8")

    assert load_settings({"TOCSIN_CONFIG": str(path)}, tmp_path).data == tmp_path / "kept here"
    assert faults({"TOCSIN_CONFIG": "gone.toml"}, tmp_path)[0].startswith("TOCSIN_CONFIG: ")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("listen = [", "this is not TOML"),
        ("listen = 8080", "TOCSIN_LISTEN: write this as one line of text"),
        ('listten = "127.0.0.1:1"', "TOCSIN_LISTTEN: there is no such setting"),
        ('data = "elsewhere"', "TOCSIN_DATA: remove `data`"),
        ('language_file = "gone"', "TOCSIN_LANGUAGE_FILE: "),
    ],
)
def test_a_fault_of_the_file_is_named(tmp_path: Path, text: str, fault: str) -> None:
    written(tmp_path, text)

    assert any(fault in told for told in faults({}, tmp_path))


def test_a_misspelled_variable_is_not_passed_over(tmp_path: Path) -> None:
    told = faults({"TOCSIN_HEARTBEAT_URI": "https://watch.example.org", "TOCSIN_PORT": "tcp://10.0.0.1"}, tmp_path)

    assert len(told) == 1
    assert told[0].startswith("TOCSIN_HEARTBEAT_URI: there is no such setting; TOCSIN_HEARTBEAT_URL is probably meant")


def test_an_empty_variable_is_one_that_is_not_set(tmp_path: Path) -> None:
    assert load_settings({"TOCSIN_WEBHOOK_URL": "", "TOCSIN_DATABASE": ""}, tmp_path).webhook_url is None


def test_the_same_bot_for_both_sides_is_refused(tmp_path: Path) -> None:
    [told] = faults({"TOCSIN_DEFENDER_BOT_TOKEN": TOKEN, "TOCSIN_RESPONDER_BOT_TOKEN": TOKEN}, tmp_path)

    assert "make a second bot" in told
    load_settings({"TOCSIN_DEFENDER_BOT_TOKEN": TOKEN, "TOCSIN_RESPONDER_BOT_TOKEN": OTHER_TOKEN}, tmp_path)


def test_every_setting_is_in_the_template_that_init_writes() -> None:
    from tocsin.commands.starting import TEMPLATE

    left_out = {"data", "telegram_api", "webhook_url"}  # found otherwise, or for those who know why
    names = {line.lstrip("# ").split(" ")[0].removesuffix("_file") for line in TEMPLATE.splitlines() if " = " in line}

    assert names == set(Settings.model_fields) - left_out


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("TRIAL_CHAT", "@max", "write the number of a private chat, such as 123456789."),
        ("TRIAL_CHAT", "-100123", "write the number of a private chat, such as 123456789."),
        ("TRIAL_EVERY", "5s", 'write a duration of a minute or more, such as "10m".'),
        ("TRIAL_EVERY", "often", 'write a duration such as "90s", "10m", "2h" or "3d".'),
        ("ELSEWHERE", "x" * 81, "write a number or a few words, at most 80 characters."),
        ("ELSEWHERE", "{other}", "write a number or a few words, at most 80 characters."),
    ],
)
def test_what_watches_us_is_told_plainly(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings({f"TOCSIN_{name}": value}, tmp_path)

    assert f"TOCSIN_{name}: {sentence}" in refused.value.faults
