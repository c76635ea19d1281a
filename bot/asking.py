"""Filters that are asked on the loop itself; the library has a thread ask its own, for each handler in turn."""

from typing import Any

from aiogram.filters import Filter
from aiogram.types import TelegramObject
from aiogram.utils.magic_filter import MagicFilter


class If(Filter):
    """Lets an event through of which something is so."""

    def __init__(self, so: MagicFilter) -> None:
        """`so` in the library's own words, such as F.text."""
        self._so = so

    async def __call__(self, event: TelegramObject) -> Any:
        return self._so.resolve(event)
