"""Tapping a code, and what is asked for with it. Whatever was tapped, the answers are the same, on the same path.

What a row says is not seen here either: it goes into the act beside what was asked for.
"""

from aiogram import F
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery
from pydantic import TypeAdapter

from bot import presses
from bot.asking import If
from bot.dialogue import Asked, Enrolment, ask, show_grid
from bot.grid import TAPS, Grid, Step
from bot.safe_word import read_word
from engine.acts import Asked as AskedFor
from engine.acts import ChoseCode
from engine.letter import Words
from engine.turn import Turn
from engine.views import DefenderView
from escalation.lowering import Verdict, Want, Wish

from .questions import go_to

FOR_CODE = "code"  # what the safe word was asked for, where it was not another word
A_TAP = If(F.data.startswith(presses.TAP))
WISHES: TypeAdapter[Wish] = TypeAdapter(Wish)


async def ask_for_code(turn: Turn, state: FSMContext, me: DefenderView, wish: Wish, *, edit: str | None = None) -> None:
    """Have `wish` confirmed: by the code, or by the safe word of somebody who has no code. A check-in by code waits
    for nothing else that is written; for anything else the safe word may be sent instead."""
    wished: Words = WISHES.dump_python(wish, mode="json")
    await ask(turn, state, None if wish.want is Want.SIGN else Asked.code, wish=wished)
    if me.has_code:
        await show_grid(turn, state, Grid.fresh(Step.WISH), edit=edit)
    else:
        turn.say("defender.ask_word")


async def ask_for_new_code(turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """Have another code tapped, after the one that counts now; a first one after the safe word."""
    if me.has_safe_word and not me.has_code:
        await ask(turn, state, Asked.old_word, then=FOR_CODE)
        turn.say("defender.ask_old_word")
        return
    await ask(turn, state, Asked.code)
    await show_grid(turn, state, Grid.fresh(Step.OLD if me.has_code else Step.FIRST))


async def ask_for_new_word(turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """Have another safe word sent, after the code or the word that counts now."""
    await ask(turn, state, Asked.old_word)
    if me.has_code:
        await show_grid(turn, state, Grid.fresh(Step.OLD))
    else:
        turn.say("defender.ask_old_word")


async def gave_word(turn: Turn, state: FSMContext, wish: Wish, word: str) -> None:
    """The safe word came instead of the code."""
    await state.clear()
    turn.act(AskedFor(wish, await read_word(turn, word)))


async def wish_of(state: FSMContext) -> Wish | None:
    """What waits for a code or a word, None when nothing does."""
    wished = await state.get_value("wish")
    return None if wished is None else WISHES.validate_python(wished, strict=False)


async def tapped(press: CallbackQuery, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """One tap."""
    turn.answer_press("defender.noted")
    shown = str(press.message.message_id) if press.message else None
    grid = Grid.within(turn.dialogue.data)
    before = len(grid.taps) if grid else 0
    if grid is None or not grid.tap((press.data or "").removeprefix(presses.TAP)):
        await _tapped_elsewhere(turn, state, me, shown, waits=grid is not None)
    elif len(grid.taps) == before:
        return
    elif len(grid.taps) < TAPS:
        await show_grid(turn, state, grid, edit=shown)
    else:
        await _tapped_all(turn, state, me, grid, shown)


async def _tapped_elsewhere(turn: Turn, state: FSMContext, me: DefenderView, shown: str | None, *, waits: bool) -> None:
    """A row of another time. Where nothing else waits it begins anew as a check-in: a finger is not told off."""
    if me.state == "active" and me.has_code and not waits:
        await ask_for_code(turn, state, me, Wish(Want.SIGN), edit=shown)
    elif shown is not None:
        turn.say("defender.noted", edit=shown)


async def _tapped_all(turn: Turn, state: FSMContext, me: DefenderView, grid: Grid, shown: str | None) -> None:
    match grid.step:
        case Step.WISH:
            verdict = await turn.read_code(grid.taps)
            wish = await wish_of(state) or Wish(Want.SIGN)
            await state.clear()
            turn.act(AskedFor(wish, verdict))
            turn.say("defender.noted", edit=shown)
        case Step.OLD if await state.get_state() == Asked.old_word.state:
            verdict = await turn.read_code(grid.taps)
            await ask(turn, state, Asked.new_word, verdict=verdict.value)
            turn.say("defender.ask_new_word", edit=shown)
        case Step.OLD:
            verdict = await turn.read_code(grid.taps)
            await state.update_data(verdict=verdict.value)
            await show_grid(turn, state, Grid.fresh(Step.FIRST), edit=shown)
        case Step.FIRST:
            await state.update_data(first=list(grid.taps))
            await show_grid(turn, state, Grid.fresh(Step.AGAIN), edit=shown)
        case Step.AGAIN:
            await _tapped_twice(turn, state, me, grid, shown)


async def _tapped_twice(turn: Turn, state: FSMContext, me: DefenderView, grid: Grid, shown: str | None) -> None:
    """A new code is chosen when it was tapped twice alike, and is not four times the same."""
    if grid.taps != await state.get_value("first") or len(set(grid.taps)) == 1:
        await show_grid(turn, state, Grid.fresh(Step.FIRST), edit=shown, text="defender.grid.differs")
        return
    hashed = await turn.hash_code(grid.taps)
    verdict = await state.get_value("verdict")
    turn.say("defender.noted", edit=shown)
    if await state.get_state() == Enrolment.code.state:
        turn.act(ChoseCode(hashed))
        await go_to(Enrolment.consent, turn, state, me)
    else:
        await state.clear()
        turn.act(AskedFor(Wish(Want.CODE, hashed=hashed), Verdict(verdict)) if verdict else ChoseCode(hashed))
