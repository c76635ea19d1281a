"""Commands that change what was agreed: times, zone, language, the safe word, the code, and taking part at all."""

from aiogram import F, Router
from aiogram.filters import CommandObject, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot import presses
from bot.asking import If
from bot.daily_times import read_times
from bot.dialogue import Asked, ask, show_grid
from bot.folding import fold
from bot.grid import Grid, Step
from bot.languages import language_named
from bot.panic import CallsForHelp
from bot.places import Places
from bot.safe_word import can_be_chosen, read_word
from engine.acts import Asked as AskedFor
from engine.acts import ChoseLanguage, ChoseTimes, ChoseZone
from engine.turn import Turn
from engine.views import DefenderView
from escalation.lowering import Verdict, Want, Wish, lowers
from escalation.watch import Phase

from .along import KeepsFiles, pressed_late
from .commands import named, unknown
from .tapping import A_TAP, FOR_CODE, ask_for_code, ask_for_new_code, ask_for_new_word, gave_word, tapped, wish_of
from .tick import tick
from .words import wrote
from .zone import offer

A_WORD = If(F.text), If(~F.text.startswith("/"))


def router() -> Router:
    """Commands, and the answers to what they ask."""
    changes = Router(name="changes")
    changes.message.middleware(KeepsFiles())
    changes.message.register(times, named("times"))
    changes.message.register(zone, named("zone"))
    changes.message.register(language, named("language"))
    changes.message.register(word, named("word"))
    changes.message.register(code, named("code"))
    changes.message.register(tick, named("tick"))
    changes.message.register(leave, named("leave"))
    changes.message.register(unknown, If(F.text.startswith("/")))
    changes.message.register(old_word, StateFilter(Asked.old_word), *A_WORD)
    changes.message.register(new_word, StateFilter(Asked.new_word), *A_WORD)
    changes.message.register(word_for_wish, StateFilter(Asked.code), *A_WORD)
    changes.callback_query.register(chose_language, If(F.data.startswith(presses.LANGUAGE)))
    changes.callback_query.register(chose_zone, If(F.data.startswith(presses.ZONE)))
    changes.callback_query.register(other_place, If(F.data == presses.OTHER_PLACE))
    changes.callback_query.register(tapped, A_TAP)
    changes.callback_query.register(pressed_late)
    return changes


async def times(message: Message, command: CommandObject, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """/times shows them, /times 9:00 21:00 changes them: at once where none is dropped or moved."""
    await state.clear()
    chosen = read_times(command.args or "")
    if not command.args:
        turn.say("defender.times_are", times=[time.isoformat("minutes") for time in me.times], zone=me.zone)
    elif chosen is None:
        turn.say("defender.times_bad")
    elif lowers(me.times, chosen) and _is_watched(me):
        await ask_for_code(turn, state, me, Wish(Want.TIMES, times=chosen))
    else:
        turn.act(ChoseTimes(chosen))


async def zone(
    message: Message, command: CommandObject, turn: Turn, state: FSMContext, me: DefenderView, places: Places
) -> None:
    """/zone shows it, /zone Lima asks whether that was meant."""
    await state.clear()
    if command.args:
        offer(command.args, turn, places)
    else:
        turn.say("defender.zone_is", zone=me.zone, now=turn.now.isoformat())


async def chose_zone(press: CallbackQuery, turn: Turn, state: FSMContext, me: DefenderView, places: Places) -> None:
    """The zone whose clock was right. Another one moves every check-in."""
    zone = (press.data or "").removeprefix(presses.ZONE)
    if not places.knows(zone):
        turn.answer_press("defender.press_old")
        return
    turn.answer_press("defender.noted")
    if zone != me.zone and _is_watched(me):
        await ask_for_code(turn, state, me, Wish(Want.ZONE, zone=zone))
        return
    turn.act(ChoseZone(zone))
    turn.say("defender.zone_set", zone=zone, now=turn.now.isoformat())


async def other_place(press: CallbackQuery, turn: Turn, me: DefenderView) -> None:
    """None of those."""
    turn.answer_press("defender.noted")
    turn.say("defender.zone_is", zone=me.zone, now=turn.now.isoformat())


async def language(
    message: Message,
    command: CommandObject,
    turn: Turn,
    state: FSMContext,
    me: DefenderView,
    languages: tuple[str, ...],
) -> None:
    """/language shows those there are, /language fr sets one."""
    await state.clear()
    chosen = language_named(command.args or "", languages)
    if chosen is None:
        turn.say("defender.choose_language")
    else:
        _set_language(turn, me, chosen)


async def chose_language(press: CallbackQuery, turn: Turn, me: DefenderView, languages: tuple[str, ...]) -> None:
    """One of them was pressed."""
    chosen = (press.data or "").removeprefix(presses.LANGUAGE)
    if chosen in languages:
        turn.answer_press("defender.noted")
        _set_language(turn, me, chosen)
    else:
        turn.answer_press("defender.press_old")


def _set_language(turn: Turn, me: DefenderView, chosen: str) -> None:
    turn.act(ChoseLanguage(chosen))
    turn.say("defender.language_set", sign=me.one_tap or me.has_code)


async def word(message: Message, command: CommandObject, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """/word: the code or the old word first, then the new one. A word behind it, whichever was meant, is deleted."""
    if command.args:
        turn.forget()
    await ask_for_new_word(turn, state, me)


async def old_word(message: Message, turn: Turn, state: FSMContext) -> None:
    """What it says is kept for the next step; the question there is the same."""
    verdict = await read_word(turn, message.text or "")
    if await state.get_value("then") == FOR_CODE:
        await ask(turn, state, Asked.code, verdict=verdict.value)
        await show_grid(turn, state, Grid.fresh(Step.FIRST))
        return
    await ask(turn, state, Asked.new_word, verdict=verdict.value)
    turn.say("defender.ask_new_word")


async def new_word(message: Message, turn: Turn, state: FSMContext, calls: CallsForHelp) -> None:
    """The new one is hashed and asked for alike, whatever the code or the old one said."""
    text = message.text or ""
    turn.forget()
    if not can_be_chosen(text, calls):
        turn.say("defender.word_bad")
        return
    verdict = Verdict(await state.get_value("verdict", Verdict.WRONG.value))
    await state.clear()
    turn.act(AskedFor(Wish(Want.WORD, hashed=await turn.hash_safe_word(fold(text))), verdict))


async def code(message: Message, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """/code: another code, after the one that counts now."""
    await state.clear()
    await ask_for_new_code(turn, state, me)


async def leave(message: Message, command: CommandObject, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """/leave, /leave WORD"""
    await state.clear()
    if command.args:
        await gave_word(turn, state, Wish(Want.LEAVE), command.args)
    else:
        await ask_for_code(turn, state, me, Wish(Want.LEAVE))


async def word_for_wish(message: Message, turn: Turn, state: FSMContext) -> None:
    """The safe word, where a code was asked for."""
    wish = await wish_of(state)
    if wish is not None:
        await gave_word(turn, state, wish, message.text or "")
        return
    await state.clear()
    await wrote(message, turn)


def _is_watched(me: DefenderView) -> bool:
    return any(watch.kind == "daily" and watch.phase != Phase.RESTING for watch in me.watches)
