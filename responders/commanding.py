"""The commands: /open /away /back /language /zone /help /leave, and their buttons."""

from datetime import timedelta

from telegram import Update

from engine.acts import CameBack, ChoseZone, Left, WentAway
from engine.letter import Words
from engine.naming import name_of
from engine.turn import Turn

from .lengths import LONGEST_AWAY, read_length
from .presses import Press
from .reading import Reading
from .writing import REPORTING, stop_asking
from .zones import zones_named

MOST_BUTTONS = 50  # under one message; the messenger takes no more than 100
COMMANDS = ("open", "away", "back", "language", "zone", "help", "leave")


async def on_start(update: Update, context: Reading) -> None:
    """/start from somebody who has agreed long ago."""
    context.turn.say("responder.help")


async def on_help(update: Update, context: Reading) -> None:
    """/help, and every command that is none."""
    context.turn.say("responder.help")


async def on_open(update: Update, context: Reading) -> None:
    """/open: what this person was alarmed about, and nothing else."""
    turn = context.turn
    incidents: list[Words] = [
        {"incident": str(one.id), "reference": one.reference, "name": name_of(one.defender)}
        for one in (turn.responder.open if turn.responder else ())
    ]
    turn.say("responder.open_list", incidents=incidents[:MOST_BUTTONS])
    for start in range(MOST_BUTTONS, len(incidents), MOST_BUTTONS):
        turn.say("responder.open_list", incidents=incidents[start : start + MOST_BUTTONS])


async def on_away(update: Update, context: Reading) -> None:
    """/away 8h"""
    go_away(context.turn, read_length(" ".join(context.args or ())))


async def on_back(update: Update, context: Reading) -> None:
    """/back"""
    context.turn.act(CameBack())


async def on_language(update: Update, context: Reading) -> None:
    """/language"""
    context.turn.say("responder.language_question")


async def on_zone(update: Update, context: Reading) -> None:
    """/zone Bogota"""
    turn, wanted = context.turn, " ".join(context.args or ())
    zones = zones_named(wanted)
    if not wanted:
        turn.say("responder.zone_question")
    elif not zones:
        turn.say("responder.zone_unknown", zone=wanted[:40])
    elif len(zones) == 1:
        choose_zone(turn, zones[0])
    else:
        names: list[Words] = list(zones)
        turn.say("responder.zone_choice", zones=names)


async def on_leave(update: Update, context: Reading) -> None:
    """/leave: asks once."""
    context.turn.say("responder.leave_question")


async def on_cancel(update: Update, context: Reading) -> None:
    """/cancel: no report after all."""
    turn = context.turn
    was_asked = turn.dialogue.state == REPORTING
    stop_asking(turn)
    turn.say("responder.tell_cancelled" if was_asked else "responder.help")


def go_away(turn: Turn, length: timedelta | None) -> None:
    """Be away for `length`; without one, ask for how long."""
    if length is None:
        turn.say("responder.away_question")
    elif length > LONGEST_AWAY:
        turn.say("responder.away_too_long")
    else:
        turn.act(WentAway(length))


def choose_zone(turn: Turn, zone: str, edit: str | None = None) -> None:
    """Show times by the clocks of `zone`."""
    turn.act(ChoseZone(zone))
    turn.say("responder.zone_set", edit=edit, zone=zone)


def press_zone(turn: Turn, press: Press, message_id: str | None) -> None:
    """One of the zones that were offered."""
    if press.word() not in zones_named(press.word()):
        turn.answer_press("responder.outdated")
        return
    turn.answer_press("responder.quiet")
    choose_zone(turn, press.word(), edit=message_id)


def press_away(turn: Turn, press: Press, message_id: str | None) -> None:
    """One of the lengths that were offered, in hours."""
    hours = press.number()
    if not hours or timedelta(hours=hours) > LONGEST_AWAY:
        turn.answer_press("responder.outdated")
        return
    turn.answer_press("responder.quiet")
    go_away(turn, timedelta(hours=hours))


def press_leave(turn: Turn, press: Press, message_id: str | None) -> None:
    """Yes, step down; or no to the invitation. The engine answers the press when it is done."""
    turn.act(Left())


def press_stay(turn: Turn, press: Press, message_id: str | None) -> None:
    """No, stay."""
    turn.answer_press("responder.quiet")
    turn.say("responder.stays", edit=message_id)
