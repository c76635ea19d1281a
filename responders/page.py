"""What is shown in a chat: HTML of the messenger's kind and rows of buttons. Sized to what the messenger takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from .presses import Action, written
from .wording import Reader

LONGEST_LABEL = 40  # characters; more is cut off on a small screen

Button = tuple[str, str]  # (label, callback data)
Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One message. `text` is HTML."""

    text: str
    rows: Rows = ()

    @property
    def markup(self) -> InlineKeyboardMarkup | None:
        """The buttons as the library wants them; None for none."""
        rows = [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in self.rows if row]
        return InlineKeyboardMarkup(rows) if rows else None


def button(
    reader: Reader,
    key: str,
    action: Action,
    incident: UUID | None = None,
    *seen: object,
    count: int | None = None,
    **words: object,
) -> Button:
    """A button that reads `responder.button.<key>`."""
    return reader.text(f"button.{key}", count=count, **words)[:LONGEST_LABEL], written(action, incident, *seen)


def in_rows(buttons: Iterable[Button], width: int) -> Rows:
    """The buttons in rows of `width`."""
    line = tuple(buttons)
    return tuple(line[start : start + width] for start in range(0, len(line), width))
