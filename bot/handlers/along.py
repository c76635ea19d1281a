"""What every part of the conversation shares: keeping what is sent, for whoever was or will be alarmed, and answering
a press that comes too late."""

from aiogram.types import CallbackQuery, Message

from bot.sent import sent_with
from engine.acts import SentAlong
from engine.turn import Turn

NOT_A_SERVICE_NOTE = {"dice", "poll", "game", "story", "checklist", "paid_media", "invoice", "giveaway", "unknown"}


def keep(message: Message, turn: Turn) -> bool:
    """Keep what `message` carries; False when that is nothing."""
    sent = sent_with(message)
    if sent is not None:
        turn.act(SentAlong(sent))
    return sent is not None


async def sent_along(message: Message, turn: Turn) -> None:
    """A file, a place, a contact: kept, and answered once for an album. The notes that the messenger itself puts into
    a chat need no answer."""
    kept = keep(message, turn)
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
