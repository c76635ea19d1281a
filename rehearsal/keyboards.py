"""The `reply_markup` of a call: read, checked as the messenger checks it, and given back in its shape."""

from dataclasses import dataclass

from .messages import Button, Keyboard, Rows
from .refusals import bad_request

LONGEST_DATA = 64  # bytes; Bot API, InlineKeyboardButton.callback_data
ELSEWHERE = ("web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat", "pay", "copy_text")


@dataclass(frozen=True, slots=True)
class Markup:
    """What a `reply_markup` asks for. `rows` go under the message; `keyboard` replaces the chat's."""

    rows: Rows = ()
    keyboard: Keyboard | None = None
    removes_keyboard: bool = False


NOTHING = Markup()


def read_markup(markup: object) -> Markup:
    """Raises Refused when a keyboard is not one."""
    match markup:
        case None:
            return NOTHING
        case {"inline_keyboard": list(rows)}:
            return Markup(rows=tuple(tuple(_inline(button) for button in _row(row)) for row in rows if row))
        case {"keyboard": list(rows), **rest}:
            keys = tuple(tuple(_key(button) for button in _row(row)) for row in rows if row)
            placeholder = str(rest.get("input_field_placeholder") or "")
            return Markup(keyboard=Keyboard(keys, bool(rest.get("one_time_keyboard")), placeholder))
        case {"remove_keyboard": True}:
            return Markup(removes_keyboard=True)
        case {"force_reply": True}:
            return NOTHING
        case _:
            raise bad_request("object expected as reply markup")


def show_rows(rows: Rows) -> dict[str, object]:
    """`rows` as an InlineKeyboardMarkup."""
    return {"inline_keyboard": [[_show(button) for button in row] for row in rows]}


def _row(row: object) -> list[object]:
    if not isinstance(row, list):
        raise bad_request("can't parse keyboard: row of the keyboard must be an Array")
    return row


def _inline(button: object) -> Button:
    match button:
        case {"text": str(label), "callback_data": str(data)} if label:
            if not 1 <= len(data.encode()) <= LONGEST_DATA:
                raise bad_request("BUTTON_DATA_INVALID")
            return Button(label, data=data)
        case {"text": str(label), "url": str(url)} if label:
            if ":" not in url and "." not in url:
                raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
            return Button(label, url=url)
        case {"text": str(label), **rest} if label:
            if any(name in rest for name in ELSEWHERE):
                return Button(label)
            raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        case _:
            raise bad_request('can\'t parse inline keyboard button: Field "text" must be of type String')


def _key(button: object) -> Button:
    match button:
        case str(label) if label:
            return Button(label)
        case {"text": str(label), **rest} if label:
            return Button(label, asks_place=bool(rest.get("request_location")))
        case _:
            raise bad_request('can\'t parse keyboard button: Field "text" must be of type String')


def _show(button: Button) -> dict[str, object]:
    if button.data:
        return {"text": button.label, "callback_data": button.data}
    return {"text": button.label, "url": button.url or "https://t.me/"}
