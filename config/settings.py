"""What an instance is told from outside, checked at the door: every fault at once, each with what to do.

Names are those of the environment: the field `listen` is TOCSIN_LISTEN there and `listen` in tocsin.toml. What could
open something (tokens, and addresses that carry a password or are one) hides in every repr and every fault.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, ValidationError
from pydantic_core import PydanticCustomError

from .bot_tokens import Bot, bots_of, read_tokens
from .covers import cover_names
from .duration import read_duration
from .setting_sources import PREFIX, gather

TELEGRAM = "https://api.telegram.org"
DATABASE_FILE = "tocsin.sqlite"
KEYS_FOLDER = "keys"
LOCALE = Path(__file__).parent / "locale"
DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
EVERY_ADDRESS = "0.0.0.0"  # nosec B104 # noqa: S104 - what ":8080" means, as elsewhere; 127.0.0.1 unless it is written
LONGEST_ELSEWHERE = 80  # characters; with the sentence around it, it fits under an answer to a press
SHORTEST_TRIAL = timedelta(minutes=1)
LOOPBACK = ("localhost", "127.0.0.1", "::1")
PLAIN_TYPES = {"extra_forbidden": "there is no such setting: correct its spelling or remove it."}
OURS = ("setting", "duration")  # faults whose sentence is one of ours
PLAIN = "write this as one line of text; in tocsin.toml it stands in quotes."


class SettingsRefused(ValueError):
    """The settings cannot be used; `faults` are all the reasons, a sentence each; the message has them on lines."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Listen(NamedTuple):
    """Where the health, metrics and web pages are."""

    host: str
    port: int


def _refuse(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{sentence}", {"sentence": sentence})


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _refuse(PLAIN)
    return value


def _address(value: object, *schemes: str) -> str:
    text = _text(value).rstrip("/")
    try:
        parts = urlsplit(text)
        known = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or re.search(r"\s", text):
        raise _refuse(f"write a whole address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    return text


def _web_address(value: object) -> str:
    return _address(value, "https", "http")


def _public_address(value: object) -> str:
    text = _web_address(value)
    if text.startswith("http://") and urlsplit(text).hostname not in LOOPBACK:
        raise _refuse("write an address that begins with https://, for the messenger brings updates to no other.")
    return text


def _words(value: object) -> tuple[str, ...]:
    return tuple(_text(value).replace(",", " ").split())


def _secure_address(value: object) -> str:
    return _address(value, "https")


def _page_address(value: object) -> str:
    text = _web_address(value)
    if text.startswith("http://") and urlsplit(text).hostname not in LOOPBACK:
        raise _refuse("write an address that begins with https://, for what is said there is nobody else's business.")
    return text


def _mail_address(value: object) -> str:
    text = _address(value, "smtp", "smtps")
    asked = parse_qs(urlsplit(text).query)
    secured = asked.get("security", ["starttls"])[0] in ("starttls", "tls", "none")
    if "@" not in asked.get("from", [""])[0] or not secured:
        raise _refuse("write it as smtp://user:password@host:587?from=tocsin@example.org.")
    return text


def _database(value: object) -> str:
    if not (text := _text(value)).startswith(DATABASES):
        raise _refuse("write sqlite:///folder/file.sqlite or postgresql://user:password@host/name.")
    return text


def _listen(value: object) -> Listen:
    host, colon, port = _text(value).rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65_535:
        raise _refuse("write an address and a port, such as 127.0.0.1:8080.")
    return Listen(host.strip("[]") or EVERY_ADDRESS, int(port))


def _language(value: object) -> str:
    known = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
    if _text(value) not in known:
        raise _refuse(f"write one of {', '.join(known)}.")
    return _text(value)


def _ladders(value: object) -> Path:
    if not (path := Path(_text(value))).is_file():
        raise _refuse("there is no such file: name one, or leave this out to use the ladders that come with Tocsin.")
    return path


def _folder(value: object) -> Path:
    if not (path := Path(_text(value))).is_dir():
        raise _refuse("there is no such folder: make it, or leave this out.")
    return path


def _yes_or_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if _text(value) not in ("yes", "no"):
        raise _refuse("write yes or no.")
    return value == "yes"


def _cover(value: object) -> str:
    if _text(value) not in cover_names() and not Path(_text(value)).is_file():
        raise _refuse(f"write one of {', '.join(cover_names())}, or name a file of your own.")
    return _text(value)


def _elsewhere(value: object) -> str:
    text = " ".join(_text(value).split())
    if not text or len(text) > LONGEST_ELSEWHERE or "{" in text:
        raise _refuse(f"write a number or a few words, at most {LONGEST_ELSEWHERE} characters.")
    return text


def _chat(value: object) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,19}", _text(value)):
        raise _refuse("write the number of a private chat, such as 123456789.")
    return _text(value)


def _wait(value: object) -> timedelta:
    length = read_duration(value)
    if length < SHORTEST_TRIAL:
        raise _refuse('write a duration of a minute or more, such as "10m".')
    return length


class Settings(BaseModel):
    """Everything that one instance is set up with. Tokens are None until they are given: only `run` needs them."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True)

    data: Annotated[Path, BeforeValidator(_text)]
    database: Annotated[SecretStr, BeforeValidator(_database)]
    keys: Annotated[Path, BeforeValidator(_text)]
    defender_bot_token: Annotated[SecretStr, BeforeValidator(read_tokens)] | None = None
    responder_bot_token: Annotated[SecretStr, BeforeValidator(read_tokens)] | None = None
    telegram_api: Annotated[str, BeforeValidator(_web_address)] = TELEGRAM
    ladders: Annotated[Path, BeforeValidator(_ladders)] | None = None
    listen: Annotated[Listen, BeforeValidator(_listen)] = Listen("127.0.0.1", 8080)
    heartbeat_url: Annotated[SecretStr, BeforeValidator(_web_address)] | None = None
    webhook_url: Annotated[str, BeforeValidator(_public_address)] | None = None
    mail_url: Annotated[SecretStr, BeforeValidator(_mail_address)] | None = None
    public_url: Annotated[str, BeforeValidator(_page_address)] | None = None
    passphrase: Annotated[SecretStr, BeforeValidator(_text)] | None = None
    unlock_url: Annotated[str, BeforeValidator(_secure_address)] | None = None
    backup_recipients: Annotated[tuple[str, ...], BeforeValidator(_words)] = ()
    checkpoint_drop: Annotated[Path, BeforeValidator(_folder)] | None = None
    peer_url: Annotated[SecretStr, BeforeValidator(_web_address)] | None = None
    trial_chat: Annotated[SecretStr, BeforeValidator(_chat)] | None = None
    trial_every: Annotated[timedelta, BeforeValidator(_wait)] = timedelta(minutes=10)
    elsewhere: Annotated[str, BeforeValidator(_elsewhere)] | None = None
    checkpoint_partners: Annotated[bool, BeforeValidator(_yes_or_no)] = True
    language: Annotated[str, BeforeValidator(_language)] = "en"
    cover: Annotated[str, BeforeValidator(_cover)] = "notebook"

    def bots(self, side: str) -> tuple[Bot, ...]:
        """The bots of a side, defender or responder, as they were given; empty when none was."""
        given = self.defender_bot_token if side == "defender" else self.responder_bot_token
        return bots_of(given.get_secret_value()) if given is not None else ()


def load_settings(environ: Mapping[str, str], here: Path) -> Settings:
    """The settings of an instance that is started in the folder `here`.

    Raises SettingsRefused with everything that is wrong at once, and no value in it."""
    values, faults = gather(environ, here, tuple(Settings.model_fields))
    values.setdefault("database", f"sqlite:///{Path(str(values['data'])) / DATABASE_FILE}")
    values["keys"] = str(here / str(values.get("keys", Path(str(values["data"])) / KEYS_FOLDER)))
    settings = None
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            sentence = PLAIN_TYPES.get(fault["type"]) or (fault["msg"] if fault["type"] in OURS else PLAIN)
            faults.append(f"{PREFIX}{str(fault['loc'][0]).upper()}: {sentence}")
    of_sides = [
        {bot.number for bot in bots_of(values.get(name))} for name in ("defender_bot_token", "responder_bot_token")
    ]
    if of_sides[0] & of_sides[1]:
        faults.append(
            f"{PREFIX}RESPONDER_BOT_TOKEN: this is the defenders' bot; make a second bot, so that a seized phone of a"
            " responder does not show it."
        )
    if settings is None or faults:
        raise SettingsRefused(*faults)
    return settings
