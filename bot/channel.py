"""The way to a defender's chat: the one place in this room that speaks.

Nothing that it sends can be forwarded, and no link in it is looked up by the messenger.
"""

import asyncio
from collections.abc import Sequence

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.methods import AnswerCallbackQuery, DeleteMessage, DeleteMessages, EditMessageText, SendMessage
from aiogram.methods.base import Response
from aiogram.types import InlineKeyboardMarkup, ReplyKeyboardMarkup
from aiohttp import ClientError

from engine.letter import Letter, Operation, PermanentFailure, Receipt

from .failures import failure, is_already_so
from .keyboards import markup_of
from .keys import Say
from .rendering import text_of

DELIVERY_TIMEOUT = 10.0  # seconds; the Bot API answers in under 2
LONGEST_ANSWER = 200  # characters; Bot API, answerCallbackQuery
CALLS = (SendMessage, EditMessageText, DeleteMessage, DeleteMessages, AnswerCallbackQuery)
HELD = tuple(Response[call.__returning__] for call in CALLS)  # type: ignore[name-defined]
# pydantic forgets a kind of answer that nobody holds; to make it anew is 4 ms of every message to a defender


class DefenderChannel:
    """Delivers letters into defenders' chats."""

    def __init__(self, bot: Bot, say: Say, languages: Sequence[str]) -> None:
        self._bot = bot
        self._say = say
        self._languages = tuple(languages)

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        """Hand `letter` to the messenger for the chat `address`; see `engine.letter.Channel`."""
        try:
            chat, message_id = int(address), _number(letter)
            text = "" if letter.operation is Operation.DELETE else text_of(letter, self._say)
            markup = None if letter.operation is Operation.DELETE else markup_of(letter, self._say, self._languages)
        except (LookupError, TypeError, ValueError) as error:
            raise PermanentFailure("cannot_be_rendered") from error
        try:
            async with asyncio.timeout(DELIVERY_TIMEOUT):
                match letter.operation:
                    case Operation.SEND:
                        sent = await self._bot.send_message(chat, text, reply_markup=markup)
                        stays = isinstance(markup, ReplyKeyboardMarkup) and not markup.one_time_keyboard
                        return Receipt(str(sent.message_id), carries_keys=stays)
                    case Operation.EDIT:
                        under = markup if isinstance(markup, InlineKeyboardMarkup) else None
                        await self._bot.edit_message_text(text, chat_id=chat, message_id=message_id, reply_markup=under)
                    case Operation.DELETE:
                        await self._bot.delete_message(chat, message_id)
                    case Operation.ANSWER:
                        await self._bot.answer_callback_query(str(letter.message_id), text=text[:LONGEST_ANSWER])
        except (AiogramError, ClientError, OSError) as error:
            if not is_already_so(error):
                raise failure(error) from error
        return Receipt()

    async def clear(self, address: str, message_ids: Sequence[int]) -> None:
        """Delete messages of the chat `address`; see `engine.sweeping.Clears`."""
        try:
            async with asyncio.timeout(DELIVERY_TIMEOUT):
                await self._bot.delete_messages(int(address), list(message_ids))
        except (AiogramError, ClientError, OSError) as error:
            if not is_already_so(error):
                raise failure(error) from error

    async def greet(self, chat: str, text: str) -> None:
        """Say `text` to a stranger; whether it arrives matters to nobody."""
        try:
            async with asyncio.timeout(DELIVERY_TIMEOUT):
                await self._bot.send_message(int(chat), text)
        except (AiogramError, ClientError, OSError, ValueError):
            return


def _number(letter: Letter) -> int:
    """The id of the message to change; 0 for a letter that changes none."""
    if letter.operation in (Operation.EDIT, Operation.DELETE):
        return int(letter.message_id or "")
    return 0
