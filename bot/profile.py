"""What the bot shows of itself: its commands and its description, in every language, neutral in each.

Neither the call for help nor the check-in stands in the list of commands: anybody can open it.
"""

from collections.abc import Sequence

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import BotCommand

from engine.log import Log

from .keys import Say

COMMANDS = ("later", "timer", "pause", "times", "zone", "language", "word", "help", "leave")
FALLBACK = "en"

log = Log("bot")


async def dress(bot: Bot, say: Say, languages: Sequence[str]) -> bool:
    """Set all of it; False when the messenger did not take it, which harms nothing and can be tried again."""
    try:
        for language in languages:
            code = None if language == FALLBACK else language
            commands = [
                BotCommand(command=name, description=say(language, f"defender.command.{name}")) for name in COMMANDS
            ]
            await bot.set_my_commands(commands, language_code=code)
            await bot.set_my_description(say(language, "defender.profile.description"), language_code=code)
            await bot.set_my_short_description(say(language, "defender.profile.about"), language_code=code)
    except (AiogramError, OSError) as error:
        log.warning("bot_not_dressed", source="defenders", fault=error)
        return False
    return True
