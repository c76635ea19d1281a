"""What is shown in a chat: HTML of the messenger's kind and rows of buttons. Sized to what the messenger takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from engine.discreet import Discreet

from .presses import Action, acts, written
from .wording import Reader

LONGEST_LABEL = 40  # characters; more is cut off on a small screen

Button = tuple[str, str]  # (label, what it says)
Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True, repr=False)
class Page(Discreet):
    """One message. `text` is HTML."""

    text: str
    rows: Rows = ()

    @property
    def markup(self) -> InlineKeyboardMarkup | None:
        """The buttons as the library wants them; None for none."""
        return self.markup_with({})

    def markup_with(self, tokens: Mapping[str, str]) -> InlineKeyboardMarkup | None:
        """The same, with a token in the place of what it stands for."""
        rows = [
            [InlineKeyboardButton(label, callback_data=tokens.get(says, says)) for label, says in row]
            for row in self.rows
            if row
        ]
        return InlineKeyboardMarkup(rows) if rows else None

    @property
    def acting(self) -> tuple[str, ...]:
        """What those of its buttons say that need a token."""
        return tuple(says for row in self.rows for _, says in row if acts(says))


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
