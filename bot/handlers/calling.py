"""A call for help, in any state of any dialogue, which goes on afterwards where it was."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message

from bot import presses
from bot.asking import If
from bot.panic import CallsForHelp, beside_the_call
from bot.sent import in_pieces, sent_with
from engine.acts import CalledForHelp, Sent, SentKind
from engine.turn import Turn


class Calls(Filter):
    """Lets a call for help through: a text, or the words under a picture."""

    def __init__(self, calls: CallsForHelp) -> None:
        self._calls = calls

    async def __call__(self, message: Message) -> bool:
        return any(self._calls.hears(text) for text in (message.text, message.caption) if text)


def router(calls: CallsForHelp) -> Router:
    """What comes before everything else."""
    first = Router(name="calling")
    first.message.register(called, Calls(calls))
    first.edited_message.register(called, Calls(calls))
    first.callback_query.register(pressed, If(F.data == presses.CALL))
    return first


async def called(message: Message, turn: Turn) -> None:
    """What came with the call goes with it, and the message is deleted; a file can be fetched by its id after that."""
    turn.forget()
    beside = beside_the_call(message.text or message.caption or "")
    match sent_with(message):
        case None | Sent(kind=SentKind.TEXT):
            turn.act(CalledForHelp(tuple(in_pieces(Sent(SentKind.TEXT, beside)))))
        case sent:
            turn.act(CalledForHelp(tuple(in_pieces(replace(sent, text=beside)))))


async def pressed(press: CallbackQuery, turn: Turn) -> None:
    """The key under a message."""
    turn.act(CalledForHelp())
    turn.answer_press("defender.noted")
