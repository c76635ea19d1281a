"""Everything else somebody writes or sends: perhaps the safe word, and in any case something for those who are called.

A text that is not understood is answered as a right word is, and deleted as a right word is.
"""

from aiogram import F, Router
from aiogram.types import Message

from bot.safe_word import is_right
from engine.acts import GaveSign
from engine.turn import Turn

from .along import moved, sent_along


def router() -> Router:
    """What comes last."""
    words = Router(name="words")
    words.message.register(wrote, F.text)
    words.message.register(sent_along)
    words.edited_message.register(moved, F.location)
    words.edited_message.register(wrote, F.text)
    words.edited_message.register(moved)
    return words


async def wrote(message: Message, turn: Turn) -> None:
    """A text: a check-in where it is the safe word."""
    if await is_right(turn, message.text or ""):
        turn.act(GaveSign())
    turn.say("defender.noted")
