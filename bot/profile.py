"""What the bot shows of itself: its name, its commands and its description, in every language, as its cover says.

Neither the call for help nor the check-in stands in the list of commands: anybody can open it. What stands there
already is left alone, for a messenger takes few changes of a name in a day.
"""

from collections.abc import Sequence

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
    """The name comes last: it is what is refused soonest when it was changed often."""
    code = None if language == FALLBACK else language
    commands = {name: say(language, f"defender.command.{name}") for name in COMMANDS}
    name, about, description = (say(language, f"defender.profile.{part}") for part in ("name", "about", "description"))
    try:
        shown = await bot.get_my_commands(language_code=code)
        if {one.command: one.description for one in shown} != commands:
            new = [BotCommand(command=name, description=text) for name, text in commands.items()]
            await bot.set_my_commands(new, language_code=code)
        if (await bot.get_my_description(code)).description != description:
            await bot.set_my_description(description, code)
        if (await bot.get_my_short_description(code)).short_description != about:
            await bot.set_my_short_description(about, code)
        if (await bot.get_my_name(code)).name != name:
            await bot.set_my_name(name, code)
    except (AiogramError, OSError) as error:
        log.warning("bot_not_dressed", source="defenders", fault=error)
        return False
    return True
