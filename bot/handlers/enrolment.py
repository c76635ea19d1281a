"""Enrolment: language, time zone, times, safe word, code, and consent to what will happen. Bad input loses nothing.

While a call for help of theirs is open, what somebody writes is also kept for those who were called. Once they have
called in this dialogue, nothing is taken for a safe word until /start puts the question again; whether the call is
still open makes no difference to the answer.
"""

from dataclasses import replace

from aiogram import F, Router
from aiogram.filters import CommandStart, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot import presses
from bot.asking import If
from bot.daily_times import read_times
from bot.dialogue import Enrolment
from bot.folding import fold
from bot.languages import language_named
from bot.panic import CallsForHelp
from bot.places import Places
from bot.safe_word import can_be_chosen
from engine.acts import Agreed, ChoseLanguage, ChoseSafeWord, ChoseTimes, ChoseZone, Left
from engine.turn import CALLED, Turn
from engine.views import DefenderView

from .along import keep, moved, pressed_late, sent_along
from .commands import named
from .questions import go_on, go_to
from .tapping import A_TAP, tapped
from .tick import tick
from .zone import offer


def router() -> Router:
    """What somebody is asked who is not yet active."""
    enrolment = Router(name="enrolment")
    for observer in (enrolment.message, enrolment.edited_message, enrolment.callback_query):
        observer.filter(is_enrolling)
    message, press = enrolment.message, enrolment.callback_query
    message.register(begin, CommandStart(ignore_case=True, ignore_mention=True))
    message.register(other_language, named("language"))
    message.register(leave, named("leave"))
    message.register(tick, named("tick"))
    message.register(wait_for_the_words, waits_for_the_words)
    message.register(explain, If(F.text.startswith("/")))
    message.register(typed_language, StateFilter(Enrolment.language), If(F.text))
    message.register(named_place, StateFilter(Enrolment.place), If(F.text))
    message.register(shared_place, StateFilter(Enrolment.place), If(F.location))
    message.register(typed_times, StateFilter(Enrolment.times), If(F.text))
    message.register(typed_word, StateFilter(Enrolment.word), If(F.text))
    message.register(typed_something, If(F.text))
    message.register(sent_along)
    enrolment.edited_message.register(moved, If(F.location))
    enrolment.edited_message.register(edited)
    press.register(chose_language, If(F.data.startswith(presses.LANGUAGE)))
    press.register(chose_zone, If(F.data.startswith(presses.ZONE)))
    press.register(other_place, If(F.data == presses.OTHER_PLACE))
    press.register(tapped, A_TAP)
    press.register(agreed, If(F.data == presses.AGREE), StateFilter(Enrolment.consent))
    press.register(pressed_late)
    return enrolment


async def is_enrolling(_: TelegramObject, me: DefenderView) -> bool:
    """Whether this person was invited and has not agreed yet."""
    return me.state in ("invited", "enrolling")


async def waits_for_the_words(_: TelegramObject, me: DefenderView) -> bool:
    """Whether this person has agreed, and four words are to be compared by voice before it counts."""
    return me.agreed and bool(me.check)


async def wait_for_the_words(message: Message, turn: Turn, me: DefenderView) -> None:
    """Whatever they send now, the words are what is left."""
    _keep_in_need(message, turn, me)
    turn.say("defender.check", words=me.check)


async def begin(message: Message, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """The link of the invitation was followed, or /start was sent to see the question again."""
    turn.dialogue.data.pop(CALLED, None)
    if await waits_for_the_words(message, me):
        turn.say("defender.check", words=me.check)
    elif turn.new_here:
        await go_to(Enrolment.language, turn, state, me)
    else:
        await go_on(turn, state, me)


async def other_language(message: Message, turn: Turn) -> None:
    """Another language may be chosen at any step."""
    turn.say("defender.choose_language")


async def leave(message: Message, turn: Turn, state: FSMContext) -> None:
    """Nobody relies yet on somebody who has not agreed: no word is needed."""
    await state.clear()
    turn.act(Left())
    turn.say("defender.left_early")


async def explain(message: Message, turn: Turn) -> None:
    """Any other command."""
    turn.say("defender.help_first")


async def typed_language(
    message: Message, turn: Turn, state: FSMContext, me: DefenderView, languages: tuple[str, ...]
) -> None:
    """The language was typed instead of pressed."""
    _keep_in_need(message, turn, me)
    language = language_named(message.text or "", languages)
    if language is None:
        turn.say("defender.choose_language")
        return
    turn.act(ChoseLanguage(language))
    await go_to(Enrolment.place, turn, state, me)


async def chose_language(
    press: CallbackQuery, turn: Turn, state: FSMContext, me: DefenderView, languages: tuple[str, ...]
) -> None:
    """A language; at a later step its question is put again, in that language."""
    language = (press.data or "").removeprefix(presses.LANGUAGE)
    if language not in languages:
        turn.answer_press("defender.press_old")
        return
    turn.answer_press("defender.noted")
    turn.act(ChoseLanguage(language))
    if await state.get_state() in (None, Enrolment.language.state):
        await go_to(Enrolment.place, turn, state, me)
    else:
        await go_on(turn, state, me)


async def named_place(message: Message, turn: Turn, me: DefenderView, places: Places) -> None:
    """A zone, a city or a country."""
    _keep_in_need(message, turn, me)
    offer(message.text or "", turn, places)


async def shared_place(message: Message, turn: Turn, me: DefenderView, places: Places) -> None:
    """The nearest city tells the zone."""
    _keep_in_need(message, turn, me)
    offer(message, turn, places)


async def chose_zone(press: CallbackQuery, turn: Turn, state: FSMContext, me: DefenderView, places: Places) -> None:
    """The zone whose clock was right."""
    zone = (press.data or "").removeprefix(presses.ZONE)
    if not places.knows(zone):
        turn.answer_press("defender.press_old")
        return
    turn.answer_press("defender.noted")
    turn.act(ChoseZone(zone))
    if await state.get_state() == Enrolment.place.state:
        await go_to(Enrolment.times, turn, state, me)
    else:
        await go_on(turn, state, replace(me, zone=zone))


async def other_place(press: CallbackQuery, turn: Turn) -> None:
    """None of those."""
    turn.answer_press("defender.noted")
    turn.say("defender.ask_place")


async def typed_times(message: Message, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """The daily times."""
    _keep_in_need(message, turn, me)
    times = read_times(message.text or "")
    if times is None:
        turn.say("defender.times_bad")
        return
    turn.act(ChoseTimes(times))
    await go_to(Enrolment.word, turn, state, me)


async def typed_word(message: Message, turn: Turn, state: FSMContext, me: DefenderView, calls: CallsForHelp) -> None:
    """The safe word, once; its message is deleted whether or not the word can be taken."""
    word = message.text or ""
    turn.forget()
    if turn.dialogue.data.get(CALLED):
        keep(message, turn)
        turn.say("defender.noted")
        return
    if not can_be_chosen(word, calls):
        turn.say("defender.word_bad")
        return
    turn.act(ChoseSafeWord(await turn.hash_safe_word(fold(word))))
    await go_to(Enrolment.code, turn, state, me)


async def typed_something(message: Message, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """Words where a button is waited for."""
    _keep_in_need(message, turn, me)
    await go_on(turn, state, me)


async def edited(message: Message, turn: Turn, me: DefenderView) -> None:
    """An earlier answer was changed; which question that was for cannot be told."""
    _keep_in_need(message, turn, me)
    turn.say("defender.send_again")


async def agreed(press: CallbackQuery, turn: Turn, state: FSMContext, me: DefenderView) -> None:
    """Consent. From now on silence means something. What was agreed to stays as it was read, without its button."""
    shown = (await state.get_data()).get("shown")
    await state.clear()
    turn.answer_press("defender.noted")
    if shown is not None and press.message is not None:
        turn.say("defender.consent", edit=str(press.message.message_id), agreed=True, **shown)
    turn.act(Agreed())
    turn.say("defender.keys", sign=me.one_tap or me.has_code)


def _keep_in_need(message: Message, turn: Turn, me: DefenderView) -> None:
    if me.incident_open:
        keep(message, turn)
