"""/tick: whether one neutral sign is wanted when somebody has taken charge. It needs nothing secret, tells nothing, and
leaves every dialogue where it stands."""

from aiogram.filters import CommandObject
from aiogram.types import Message

from bot.folding import fold
from engine.acts import ChoseTick
from engine.turn import Turn

ON, OFF = "on", "off"


async def tick(message: Message, command: CommandObject, turn: Turn) -> None:
    """/tick on, /tick off; what it is now is not told."""
    chosen = fold(command.args or "")
    if chosen in (ON, OFF):
        turn.act(ChoseTick(chosen == ON))
        turn.say("defender.noted")
    else:
        turn.say("defender.tick_how")
