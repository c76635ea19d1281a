"""One update through python-telegram-bot's Application: decoded by it, handed to one handler, its faults handed back.

The library's own way is to log a handler's exception and go on; the engine has to know of it instead. Nothing here
asks the network: the bot is never asked for its name.
"""

from contextvars import ContextVar
from typing import Any

from telegram import Update as Decoded
from telegram.ext import Application, ApplicationHandlerStop, CallbackContext, ContextTypes, ExtBot

from engine.door import Unreadable, Update
from engine.turn import Turn

UNDECODABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError, OSError)
_turn: ContextVar[Turn] = ContextVar("turn")
_faults: ContextVar[list[Exception]] = ContextVar("faults")

Machine = Application[Any, Any, Any, Any, Any, Any]


class Reading(CallbackContext[Any, Any, Any, Any]):
    """What a handler is given besides the update: the turn."""

    @property
    def turn(self) -> Turn:
        """The turn that this update is read into."""
        return _turn.get()


class QuietBot(ExtBot[None]):
    """A bot that opens without asking the messenger who it is, and never shows its token."""

    def __repr__(self) -> str:
        """The class alone, where the library would show the token."""
        return type(self).__name__

    async def initialize(self) -> None:
        """Nothing: connections open at the first call."""


def machine(bot: QuietBot) -> Machine:
    """The library's dispatcher without its polling, its queue and its scheduler."""
    built: Machine = (
        Application.builder()
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .context_types(ContextTypes(context=Reading))
        .build()
    )
    built.add_error_handler(_keep)
    return built


async def read_through(built: Machine, update: Update, turn: Turn) -> None:
    """Have the handlers note acts of `update` in `turn`.

    Raises Unreadable when the library cannot decode it, and whatever a handler raised."""
    try:
        decoded = Decoded.de_json(dict(update), built.bot)
    except UNDECODABLE as error:
        raise Unreadable(type(error).__name__) from None
    _name(decoded, turn)
    faults: list[Exception] = []
    turns, kept = _turn.set(turn), _faults.set(faults)
    try:
        await built.initialize()
        await built.process_update(decoded)
    except UNDECODABLE as error:  # of the library itself, which reads more of it here; a handler's are in `faults`
        raise Unreadable(type(error).__name__) from None
    finally:
        _turn.reset(turns)
        _faults.reset(kept)
    if faults:
        raise faults[0]


def _name(decoded: Decoded, turn: Turn) -> None:
    """Put into the turn which message or press this is."""
    message = decoded.message or decoded.edited_message
    if turn.message_id is None and message is not None:
        turn.message_id = str(message.message_id)
    if turn.query_id is None and decoded.callback_query is not None:
        turn.query_id = decoded.callback_query.id


async def _keep(_: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
    """Keep a handler's fault for the caller, and stop."""
    if context.error is not None:
        _faults.get().append(context.error)
    raise ApplicationHandlerStop
