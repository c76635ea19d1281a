"""Where a conversation stands: the questions that wait for an answer, kept in the turn and nowhere else.

The library's own storage is a layer over `turn.dialogue`, made anew for each turn, so that what was asked is committed
together with what was answered.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from aiogram import BaseMiddleware, Bot
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey
from aiogram.types import TelegramObject

from engine.letter import Words
from engine.turn import Dialogue, Turn

from .grid import Grid, Step

GRIDS = {
    Step.WISH: "defender.grid",
    Step.OLD: "defender.grid.old",
    Step.FIRST: "defender.grid.new",
    Step.AGAIN: "defender.grid.again",
}
PATIENCE = timedelta(minutes=10)  # after it an unanswered question is no longer what the next word is for


class Enrolment(StatesGroup):
    """What is asked of somebody who was invited, in this order."""

    language = State()
    place = State()
    times = State()
    word = State()
    code = State()
    consent = State()


class Asked(StatesGroup):
    """Questions after a command. They lapse, so that a later check-in is not taken for the answer."""

    code = State()
    old_word = State()
    new_word = State()


class TurnStorage(BaseStorage):
    """The library's storage, in one turn's dialogue."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        self._dialogue.state = state.state if isinstance(state, State) else state

    async def get_state(self, key: StorageKey) -> str | None:
        return self._dialogue.state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        self._dialogue.data = dict(data)

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict(self._dialogue.data)

    async def close(self) -> None:
        """Nothing is held open."""


class InTurn(BaseMiddleware):
    """Hands each handler the dialogue of its turn as `state`, and the defender as `me`."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        turn: Turn = data["turn"]
        bot: Bot = data["bot"]
        if lapsed(turn):
            turn.dialogue.state, turn.dialogue.data = None, {}
        data["me"] = turn.defender
        data["state"] = FSMContext(TurnStorage(turn.dialogue), StorageKey(bot.id, int(turn.chat), int(turn.chat)))
        data["raw_state"] = turn.dialogue.state
        return await handler(event, data)


async def ask(turn: Turn, state: FSMContext, question: State | None, **data: Words) -> None:
    """Wait for the answer to `question`, for a while; None where no text is an answer to it."""
    await state.set_state(question)
    await state.set_data({"asked_at": _said_at(turn).isoformat(), **data})


async def show_grid(
    turn: Turn, state: FSMContext, grid: Grid, *, edit: str | None = None, text: str | None = None
) -> None:
    """Show a row that is being tapped, and wait for the next tap; `edit` is the message that becomes it."""
    turn.say(text or GRIDS[grid.step], edit=edit, **grid.shown())
    await state.update_data(grid=grid.as_words())


def lapsed(turn: Turn) -> bool:
    """Whether a question was asked so long ago that this is no answer to it."""
    asked_at = turn.dialogue.data.get("asked_at")
    return isinstance(asked_at, str) and _said_at(turn) - datetime.fromisoformat(asked_at) > PATIENCE


def _said_at(turn: Turn) -> datetime:
    """When the person wrote, which may be long before it reaches us."""
    return turn.sent_at or turn.now
