"""Fetching what a defender sent along, when a responder's channel wants to pass it on."""

import asyncio

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiohttp import ClientError

from engine.letter import PermanentFailure

from .failures import failure

FETCH_TIMEOUT = 30.0  # seconds; a bot may fetch files of up to 20 MB (Bot API, getFile)


class DefenderAttachments:
    """Files by the id that the defenders' messenger gave them."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def fetch(self, file_id: str) -> bytes:
        """The file; see `engine.letter.Attachment`."""
        try:
            async with asyncio.timeout(FETCH_TIMEOUT):
                content = await self._bot.download(file_id, timeout=int(FETCH_TIMEOUT))
        except (AiogramError, ClientError, OSError) as error:
            raise failure(error) from error
        if content is None:
            raise PermanentFailure("file_is_gone")
        return content.read()
