"""What every part of the conversation shares: keeping what is sent, for whoever was or will be alarmed, and answering
a press that comes too late."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.folding import fold
from bot.sent import in_pieces, sent_with
from engine.acts import Asked, SentAlong
from engine.turn import Turn
from escalation.lowering import Verdict, Want, Wish

NOT_A_SERVICE_NOTE = {"dice", "poll", "game", "story", "checklist", "paid_media", "invoice", "giveaway", "unknown"}


def keep(message: Message, turn: Turn, *, words: bool = True) -> bool:
    """Keep what `message` carries, without its words where those are nobody's; False when that is nothing."""
    sent = sent_with(message)
    for piece in () if sent is None else in_pieces(sent if words else replace(sent, text="")):
        turn.act(SentAlong(piece))
    return sent is not None


class KeepsFiles(BaseMiddleware):
    """Keeps a file under which a command stands, without the command: there may be a safe word in it."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        if isinstance(event, Message) and event.caption is not None:
            keep(event, data["turn"], words=False)
        return await handler(event, data)


async def captioned(message: Message, turn: Turn) -> None:
    """A file with words under it, which are a check-in where they are the safe word, and then go to nobody.

    The message is deleted whatever the words are. A file can be fetched by its id for as long as anybody needs it: it
    outlives the message (Bot API, getFile)."""
    turn.forget()
    verdict = await turn.read_word(fold(message.caption or ""))
    turn.act(Asked(Wish(Want.TEXT), verdict))
    answer_once(message, turn, kept=keep(message, turn, words=verdict is Verdict.WRONG))


async def sent_along(message: Message, turn: Turn) -> None:
    """A file, a place, a contact: kept. The notes that the messenger itself puts into a chat need no answer."""
    answer_once(message, turn, kept=keep(message, turn))


def answer_once(message: Message, turn: Turn, *, kept: bool) -> None:
    """Answer what was sent, an album once."""
    first_of_album = message.media_group_id is None or turn.dialogue.data.get("album") != message.media_group_id
    if message.media_group_id is not None:
        turn.dialogue.data["album"] = message.media_group_id
    if (kept and first_of_album) or message.content_type in NOT_A_SERVICE_NOTE:
        turn.say("defender.noted")


async def moved(message: Message, turn: Turn) -> None:
    """A live place moves on, every few seconds: kept without a word."""
    keep(message, turn)


async def pressed_late(press: CallbackQuery, turn: Turn) -> None:
    """A button of another question."""
    turn.answer_press("defender.press_old")
