"""What the bot shows of itself: its name, its commands and its description, in every language, as its cover says.

Neither the call for help nor the check-in stands in the list of commands: anybody can open it. What stands there
already is left alone, for a messenger takes few changes of a name in a day.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand

from engine.log import Log

from .keys import Say

COMMANDS = ("later", "timer", "pause", "times", "zone", "language", "word", "code", "keep", "tick", "help", "leave")
FALLBACK = "en"

log = Log("bot")


async def dress(bot: Bot, say: Say, languages: Sequence[str]) -> bool:
    """Set all of it; False when the messenger did not take everything, which harms nothing and can be tried again."""
    taken = [await _dress(bot, say, language) for language in languages]
    return all(taken)


async def _dress(bot: Bot, say: Say, language: str) -> bool:
    code = None if language == FALLBACK else language
    commands = [BotCommand(command=name, description=say(language, f"defender.command.{name}")) for name in COMMANDS]
    name, about, description = (say(language, f"defender.profile.{part}") for part in ("name", "about", "description"))
    wanted: list[tuple[Callable[[], Awaitable[Any]], Callable[[], Awaitable[Any]], object]] = [
        (
            lambda: bot.get_my_commands(language_code=code),
            lambda: bot.set_my_commands(commands, language_code=code),
            commands,
        ),
        (
            lambda: _text(bot.get_my_description(code)),
            lambda: bot.set_my_description(description, language_code=code),
            description,
        ),
        (
            lambda: _text(bot.get_my_short_description(code)),
            lambda: bot.set_my_short_description(about, language_code=code),
            about,
        ),
        (lambda: _text(bot.get_my_name(code)), lambda: bot.set_my_name(name, language_code=code), name),
    ]
    taken = True
    for shown, change, so in wanted:
        try:
            if await shown() != so:
                await change()
        except (AiogramError, OSError) as error:
            log.warning("bot_not_dressed", source="defenders", fault=error)
            taken = False
    return taken


async def _text(shown: Awaitable[Any]) -> str:
    """The text in what the messenger tells of the bot."""
    return next(iter((await shown).model_dump().values()))
