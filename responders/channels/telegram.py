"""Telegram: the channel on which responders are alarmed, and answer.

One letter is one call of the Bot API, so that a retry repeats one thing only; but what is refused as a picture or a
voice is handed on as a file, and what is refused as a file is told of. Nothing sent can be forwarded or saved, but a
checkpoint of the journal, which is there to be kept; links open no preview. A press that waited too long for its answer
gets it as a message.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from engine.letter import Attachment, DeliveryFailure, Letter, Operation, OutcomeUnknown, PermanentFailure, Receipt
from responders.attachments import attached_page, fetched, upload_of
from responders.page import Page
from responders.showing import page_of, sentence_of
from responders.wording import Say

from .telegram_failures import NOT_THERE_ANY_MORE, TOO_LATE_TO_ANSWER, UNCHANGED, failure_for, says

DELIVER_TIMEOUT = 10.0  # seconds for one letter
QUICK_BYTES = 1_000_000  # an upload of so much takes a second or two even on a slow line
TRUTH = "responder.answer"  # shown until it is put away, as is the farewell; everything else fades
FAREWELL = "responder.left"
TO_BE_KEPT = "responder.checkpoint"  # comes without a sound, and may be saved and passed on: that is what it is for
SHOWS_BUTTONS = (Operation.SEND, Operation.EDIT)
NOBODY = 0  # in place of the chat of somebody who is forgotten: a press is answered by its own id


class TelegramChannel:
    """Delivers to private chats; an address is a chat's number."""

    def __init__(self, bot: ExtBot[Any], say: Say, attachments: Attachment, languages: Sequence[str]) -> None:
        self._bot = bot
        self._say = say
        self._attachments = attachments
        self._languages = languages

    def buttons(self, letter: Letter) -> tuple[str, ...]:
        """See `engine.letter.Buttoned`. Where nothing can be shown, nothing can be pressed."""
        if letter.operation not in SHOWS_BUTTONS or letter.template == "responder.attachment":
            return ()  # what was sent along has one button, and that shows the alarm
        try:
            return page_of(letter, _silently, self._languages).acting
        except DeliveryFailure:
            return ()

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        """See `engine.letter.Channel`."""
        chat = NOBODY if letter.operation is Operation.ANSWER and not address else _chat(address)
        failure: DeliveryFailure
        try:
            async with asyncio.timeout(DELIVER_TIMEOUT):
                return await self._do(chat, letter)
        except TelegramError as error:
            failure = failure_for(error)
        except TimeoutError:
            failure = OutcomeUnknown("no_answer")
        raise failure

    async def _do(self, chat: int, letter: Letter) -> Receipt:
        match letter.operation:
            case Operation.DELETE:
                return await self._delete(chat, letter)
            case Operation.ANSWER:
                return await self._answer(chat, letter)
            case Operation.EDIT:
                return await self._edit(chat, page_of(letter, self._say, self._languages), letter)
            case Operation.SEND if letter.template == "responder.attachment":
                return await self._send_attachment(chat, letter)
            case Operation.SEND:
                return await self._send(chat, page_of(letter, self._say, self._languages), letter)

    async def _send(self, chat: int, page: Page, letter: Letter) -> Receipt:
        kept = letter.template == TO_BE_KEPT
        how: dict[str, Any] = {"disable_notification": True, "protect_content": False} if kept else {}
        sent = await self._bot.send_message(chat, page.text, reply_markup=page.markup_with(letter.tokens), **how)
        return Receipt(str(sent.message_id))

    async def _edit(self, chat: int, page: Page, letter: Letter) -> Receipt:
        try:
            await self._bot.edit_message_text(
                page.text, chat_id=chat, message_id=_message(letter), reply_markup=page.markup_with(letter.tokens)
            )
        except BadRequest as error:
            if not says(error, UNCHANGED):
                raise
        return Receipt()

    async def _delete(self, chat: int, letter: Letter) -> Receipt:
        try:
            await self._bot.delete_message(chat, _message(letter))
        except BadRequest as error:
            if not says(error, NOT_THERE_ANY_MORE):
                raise
        return Receipt()

    async def _answer(self, chat: int, letter: Letter) -> Receipt:
        sentence, alert = sentence_of(letter, self._say), letter.template in (TRUTH, FAREWELL)
        try:
            await self._bot.answer_callback_query(letter.message_id or "", text=sentence or None, show_alert=alert)
        except BadRequest as error:
            if not says(error, TOO_LATE_TO_ANSWER):
                raise
        else:
            return Receipt()
        late = alert and chat != NOBODY
        return await self._send(chat, page_of(letter, self._say, self._languages), letter) if late else Receipt()

    async def _send_attachment(self, chat: int, letter: Letter) -> Receipt:
        upload = upload_of(letter)
        content = None if upload is None else await fetched(self._attachments, upload.file_id)
        if upload is not None and content is not None and not _tried_in_vain(letter, content):
            page = attached_page(letter, self._say, lost=False)
            for kind in dict.fromkeys((upload.kind, "document")):
                with suppress(_FileRefused):
                    return await self._upload(chat, kind, upload.file_name, content, page)
        page = attached_page(letter, self._say, lost=upload is not None)
        if page.place is None:
            return await self._send(chat, page, letter)
        where = page.place
        sent = await self._bot.send_location(chat, where.latitude, where.longitude, reply_markup=page.markup)
        return Receipt(str(sent.message_id))

    async def _upload(self, chat: int, kind: str, name: str, content: bytes, page: Page) -> Receipt:
        """Hand a file on as what it is. Raises _FileRefused when the messenger takes it in no such way."""
        try:
            if kind == "photo":
                sent = await self._bot.send_photo(chat, content, caption=page.text, reply_markup=page.markup)
            elif kind == "voice":
                sent = await self._bot.send_voice(chat, content, caption=page.text, reply_markup=page.markup)
            else:
                sent = await self._bot.send_document(
                    chat, content, caption=page.text, filename=name, reply_markup=page.markup
                )
        except BadRequest as error:
            if failure_for(error).reason == "refused":
                raise _FileRefused from None
            raise
        return Receipt(str(sent.message_id))


class _FileRefused(Exception):
    """The messenger does not take this file in this way: no picture, or from somebody who wants no voice messages."""


def _silently(_language: str, _key: str, /, *, count: int | None = None, **_words: object) -> str:
    """No text at all: what the buttons say does not depend on the reader's language."""
    return ""


def _tried_in_vain(letter: Letter, content: bytes) -> bool:
    """Whether a file is so large that its last upload has probably taken too long, as the next one would."""
    return letter.maybe_repeat and len(content) > QUICK_BYTES


def _chat(address: str) -> int:
    digits = address.removeprefix("-")
    if digits.isascii() and digits.isdigit():
        return int(address)
    raise PermanentFailure("no_address", address_is_dead=True)


def _message(letter: Letter) -> int:
    if letter.message_id is not None and letter.message_id.isascii() and letter.message_id.isdigit():
        return int(letter.message_id)
    raise PermanentFailure("no_message")
