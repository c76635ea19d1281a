"""Everything else somebody writes or sends: perhaps the safe word, and in any case something for those who are called.

A text that is not understood is answered as a right word is, and deleted as a right word is.
"""

from aiogram import F, Router
from aiogram.types import Message, TelegramObject

from bot.asking import If
from bot.safe_word import read_word
from engine.acts import Asked
from engine.turn import Turn
from engine.views import DefenderView
from escalation.lowering import Want, Wish

from .along import captioned, keep, moved, pressed_late, sent_along


def gone() -> Router:
    """What somebody hears who has left; a call for help of theirs is heard before this."""
    left = Router(name="gone")
    left.message.filter(has_left)
    left.edited_message.filter(has_left)
    left.callback_query.filter(has_left)
    left.message.register(told_so)
    left.edited_message.register(moved)
    left.callback_query.register(pressed_late)
    return left


async def has_left(_: TelegramObject, me: DefenderView) -> bool:
    """Whether this person takes no part any more."""
    return me.state == "left"


async def told_so(message: Message, turn: Turn) -> None:
    """Nothing is expected of them, and nothing they write is understood; a code is nobody else's to read, and goes."""
    if not (message.text or "").startswith("/"):
        keep(message, turn)
    if message.text or message.caption:
        turn.forget()
    turn.say("defender.gone")


def router() -> Router:
    """What comes last."""
    words = Router(name="words")
    words.message.register(wrote, If(F.text))
    words.message.register(captioned, If(F.caption))
    words.message.register(sent_along)
    words.edited_message.register(moved, If(F.location))
    words.edited_message.register(wrote, If(F.text))
    words.edited_message.register(captioned, If(F.caption))
    words.edited_message.register(moved)
    return words


async def wrote(message: Message, turn: Turn) -> None:
    """A text: a check-in where it is the safe word, and asked for as one whatever it is."""
    turn.act(Asked(Wish(Want.TEXT), await read_word(turn, message.text or "")))
    turn.say("defender.noted")
