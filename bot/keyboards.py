"""Which buttons stand under which text, and which keys under the chat."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from engine.letter import Letter, Operation

from . import presses
from .grid import IN_A_ROW
from .keys import CALL, HELP, SIGN, Say
from .languages import name_of

Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove


def markup_of(letter: Letter, say: Say, languages: Sequence[str]) -> Markup | None:
    """The buttons or keys of the letter; None leaves the chat's keys as they are.

    The keys hang on the newest message that brought them and go when that is deleted, so every message brings them."""
    match letter.template:
        case "defender.choose_language":
            return _under([[(name_of(language), presses.LANGUAGE + language)] for language in languages])
        case "defender.ask_place" | "defender.place_unknown":
            return _place_key(say(letter.language, "defender.button.here"))
        case "defender.ask_times":
            return ReplyKeyboardRemove()
        case "defender.confirm_zone":
            return _zones(letter, say)
        case "defender.consent" if not letter.words.get("agreed"):
            return _under([[(say(letter.language, "defender.button.agree"), presses.AGREE)]])
        case (
            "defender.grid"
            | "defender.grid.old"
            | "defender.grid.new"
            | "defender.grid.again"
            | "defender.grid.differs"
        ):
            return _grid(letter)
        case "defender.asked_once_more":
            return _under([[(say(letter.language, CALL), presses.CALL)]])
        case "defender.keys" | "defender.help" | "defender.language_set":
            return _keys(letter.language, say, sign=bool(letter.words.get("sign")))
        case _ if letter.operation is Operation.SEND and letter.sign is not None:
            return _keys(letter.language, say, sign=letter.sign)
        case _:
            return None


def _under(rows: list[list[tuple[str, str]]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data) for text, data in row] for row in rows]
    )


def _zones(letter: Letter, say: Say) -> InlineKeyboardMarkup:
    zones = letter.words["zones"]
    if not isinstance(zones, list):
        raise TypeError("zones is a list")
    if len(zones) == 1:
        rows = [[(say(letter.language, "defender.button.yes"), f"{presses.ZONE}{zones[0]}")]]
    else:
        now = datetime.fromisoformat(str(letter.words["now"]))
        rows = [[(f"{zone}, {now.astimezone(ZoneInfo(str(zone))):%H:%M}", f"{presses.ZONE}{zone}")] for zone in zones]
    return _under([*rows, [(say(letter.language, "defender.button.other"), presses.OTHER_PLACE)]])


def _place_key(label: str) -> ReplyKeyboardMarkup:
    here = KeyboardButton(text=label, request_location=True)
    return ReplyKeyboardMarkup(keyboard=[[here]], resize_keyboard=True, one_time_keyboard=True)


def _grid(letter: Letter) -> InlineKeyboardMarkup:
    keys = letter.words["keys"]
    if not isinstance(keys, list):
        raise TypeError("keys is a list of pairs of a sign and a nonce")
    buttons = [(str(key[0]), presses.TAP + str(key[1])) for key in keys if isinstance(key, list)]
    return _under([buttons[start : start + IN_A_ROW] for start in range(0, len(buttons), IN_A_ROW)])


def _keys(language: str, say: Say, *, sign: bool) -> ReplyKeyboardMarkup:
    """The check-in stands alone in its row, so that a thumb does not slip from it to the call."""
    first = [[KeyboardButton(text=say(language, SIGN))]] if sign else []
    rest = [KeyboardButton(text=say(language, HELP)), KeyboardButton(text=say(language, CALL))]
    return ReplyKeyboardMarkup(keyboard=[*first, rest], resize_keyboard=True, is_persistent=True)
