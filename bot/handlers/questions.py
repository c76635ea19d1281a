"""The questions of enrolment, and which of them comes next."""

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State

from bot.dialogue import Enrolment, show_grid
from bot.grid import Grid, Step
from engine.letter import Words
from engine.turn import Turn
from engine.views import DefenderView

QUESTIONS = {
    Enrolment.language.state: (Enrolment.language, "defender.choose_language"),
    Enrolment.place.state: (Enrolment.place, "defender.ask_place"),
    Enrolment.times.state: (Enrolment.times, "defender.ask_times"),
    Enrolment.word.state: (Enrolment.word, "defender.ask_safe_word"),
    Enrolment.code.state: (Enrolment.code, "defender.grid.new"),
    Enrolment.consent.state: (Enrolment.consent, "defender.consent"),
}


async def go_to(step: State, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """Put the question of `step`, and wait for its answer."""
    await state.set_state(step)
    _, question = QUESTIONS[step.state]
    if step is Enrolment.consent:
        shown = _what_will_happen(me)
        await state.set_data({"shown": shown})
        turn.say(question, edit=None, **shown)
    elif step is Enrolment.code:
        await show_grid(turn, state, Grid.fresh(Step.FIRST))
    else:
        turn.say(question)


async def go_on(turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """Put the question again that waits for its answer; where that is lost, the first one that we need answered."""
    waiting = QUESTIONS.get(await state.get_state())
    if waiting is not None:
        step, _ = waiting
    elif not me.times:
        step = Enrolment.language
    else:
        step = _still_to_choose(me)
    await go_to(step, turn, state, me)


def _still_to_choose(me: DefenderView) -> State:
    if not me.has_safe_word:
        return Enrolment.word
    return Enrolment.consent if me.has_code else Enrolment.code


def _what_will_happen(me: DefenderView) -> dict[str, Words]:
    """What consent is asked to: numbers and lengths of time, never names."""
    return {
        "times": [time.isoformat("minutes") for time in me.times],
        "zone": me.zone,
        "at_once": me.at_once,
        "tiers": [{"role": role.value, "people": people, "after": after} for role, people, after in me.tiers],
    }
