"""Commands about check-ins: now, later, a timer, a pause. A new command ends whatever was asked before it."""

import re
from datetime import timedelta

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot.asking import If
from bot.durations import read_duration
from bot.folding import fold
from bot.keys import Keys
from engine.acts import AskedForTime, EndedPause, GaveSign, KeptAsItIs, SetTimer
from engine.turn import Turn
from engine.views import DefenderView
from escalation.lowering import Want, Wish
from escalation.watch import Phase

from .along import KeepsFiles, keep
from .tapping import ask_for_code, gave_word

LONGEST_TIMER = timedelta(days=30)  # the same as the heart's ceiling
ENDS = {"off", "stop", "end"}


def named(*names: str) -> Command:
    """A filter for /name, with or without the bot's own name behind it, in any letter case."""
    return Command(*names, ignore_case=True, ignore_mention=True)


def router(keys: Keys) -> Router:
    """Commands and keys of an active defender."""
    commands = Router(name="commands")
    commands.message.middleware(KeepsFiles())

    async def is_help_key(message: Message) -> bool:
        return keys.is_help(message.text or "")

    async def is_sign_key(message: Message, me: DefenderView) -> bool:
        return (me.one_tap or me.has_code) and keys.is_sign(message.text or "")

    commands.message.register(explain, CommandStart(ignore_case=True, ignore_mention=True))
    commands.message.register(explain, named("help"))
    commands.message.register(explain, is_help_key)
    commands.message.register(checks_in, is_sign_key)
    commands.message.register(gave_ok, named("ok"))
    commands.message.register(gave_word_at_once, If(F.text.regexp(r"(?i)/ok\w")))
    commands.message.register(later, named("later"))
    commands.message.register(timer, named("timer"))
    commands.message.register(pause, named("pause"))
    commands.message.register(keep_as_it_is, named("keep"))
    return commands


async def explain(message: Message, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """/help, /start and the key that explains."""
    await state.clear()
    turn.say("defender.help", sign=me.one_tap or me.has_code)


async def checks_in(message: Message, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """The key for a check-in: the one tap of a low-risk profile, or the way to the code."""
    await state.clear()
    turn.forget()
    if not me.one_tap:
        await ask_for_code(turn, state, me, Wish(Want.SIGN))
        return
    turn.act(GaveSign())
    turn.say("defender.noted")


async def gave_ok(message: Message, command: CommandObject, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """/ok WORD; /ok alone is the key for a check-in."""
    if not command.args and (me.one_tap or me.has_code):
        await checks_in(message, turn, state, me)
        return
    await state.clear()
    if not command.args:
        turn.forget()
        turn.say("defender.ok_how")
        return
    await gave_word(turn, state, Wish(Want.SIGN), command.args)
    turn.say("defender.noted")


async def gave_word_at_once(message: Message, turn: Turn, state: FSMContext) -> None:
    """/okWORD, in haste."""
    await gave_word(turn, state, Wish(Want.SIGN), (message.text or "").removeprefix("/")[2:])
    turn.say("defender.noted")


async def later(message: Message, command: CommandObject, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """/later 1h"""
    await state.clear()
    by = read_duration(command.args or "")
    if by is None:
        turn.say("defender.later_how")
    elif any(watch.phase in (Phase.WAITING, Phase.OVERDUE) for watch in me.watches):
        turn.act(AskedForTime(by))
    else:
        turn.say("defender.nothing_due")


async def timer(message: Message, command: CommandObject, turn: Turn, state: FSMContext) -> None:
    """/timer 3h"""
    await state.clear()
    length = read_duration(command.args or "")
    if length is None or length > LONGEST_TIMER:
        turn.say("defender.timer_how")
    else:
        turn.act(SetTimer(length))


async def pause(message: Message, command: CommandObject, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """/pause 2d, /pause 2d WORD, /pause off"""
    await state.clear()
    args = command.args or ""
    length, word = _length_and_word(args)
    if fold(args) in ENDS:
        turn.act(EndedPause())  # which makes nobody less safe: no code is needed
    elif length is None:
        if args:
            turn.forget()
        turn.say("defender.pause_how")
    elif not any(watch.kind == "daily" and watch.phase != Phase.RESTING for watch in me.watches):
        if word:
            turn.forget()
        turn.say("defender.nothing_due")
    elif word:
        await gave_word(turn, state, Wish(Want.PAUSE, length=length), word)
    else:
        await ask_for_code(turn, state, me, Wish(Want.PAUSE, length=length))


async def keep_as_it_is(message: Message, turn: Turn, state: FSMContext) -> None:
    """/keep: what leaves nobody less safe needs no code, and is answered alike whether or not anything waited."""
    await state.clear()
    turn.act(KeptAsItIs())
    turn.say("defender.kept")


def _length_and_word(args: str) -> tuple[timedelta | None, str]:
    """A length, and what stands behind it."""
    ends = [found.start() for found in re.finditer(r"\s+|$", args)]
    for end in reversed(ends):
        length = read_duration(args[:end])
        if length is not None:
            return length, args[end:].strip()
    return None, ""


async def unknown(message: Message, turn: Turn, state: FSMContext) -> None:
    """A command that we do not have: kept, and deleted, for it may hold the safe word; /help is named."""
    await state.clear()
    keep(message, turn)
    turn.forget()
    turn.say("defender.unknown_command")
