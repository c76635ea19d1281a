"""Becoming a responder: the briefing for one's part, in a language of one's choice, consent, and four words that are
compared by voice.

Whoever has not agreed is not asked anything else, and nothing they press or write is acted upon."""

from telegram import Update
from telegram.ext import ApplicationHandlerStop

from engine.acts import Agreed, ChoseLanguage
from engine.turn import Turn

from .presses import Action, Press, pressed
from .reading import Reading

BEFORE_CONSENT = frozenset({Action.LANGUAGE, Action.AGREE, Action.LEAVE})


async def admit(update: Update, context: Reading) -> None:
    """Let pass who has agreed; to anyone else nothing is open but the briefing's own buttons."""
    turn = context.turn
    state = turn.responder.state if turn.responder is not None else "removed"
    if state == "active":
        return
    if state == "removed":
        raise ApplicationHandlerStop
    query = update.callback_query
    if query is None and update.message is None:
        raise ApplicationHandlerStop
    press = pressed(turn, query.data) if query is not None else None
    if press is not None and press.action in BEFORE_CONSENT:
        return
    if turn.responder is not None and turn.responder.agreed and turn.responder.check:
        turn.answer_press("responder.quiet")
        turn.say("responder.check", words=turn.responder.check)
    elif query is not None:
        turn.answer_press("responder.agree_first")
    elif turn.new_here or _is_start(update):
        brief(turn)
    else:
        turn.say("responder.agree_first")
    raise ApplicationHandlerStop


def brief(turn: Turn, edit: str | None = None, **more: bool) -> None:
    """Say what this person will be asked to do."""
    if turn.responder is not None:
        turn.say("responder.welcome", edit=edit, role=turn.responder.role.value, **more)


def agree(turn: Turn, press: Press, message_id: str | None) -> None:
    """Consent was given: the briefing stays, without its buttons. The engine says what follows."""
    turn.answer_press("responder.quiet")
    if message_id is not None:
        brief(turn, edit=message_id, agreed=True)
    if turn.responder is not None and turn.responder.state != "active":
        turn.act(Agreed())


def choose_language(turn: Turn, press: Press, message_id: str | None, languages: frozenset[str]) -> None:
    """Another language, before consent or after."""
    if press.word() not in languages:
        turn.answer_press("responder.outdated")
        return
    turn.act(ChoseLanguage(press.word()))
    turn.answer_press("responder.quiet")
    if turn.responder is not None and turn.responder.state != "active":
        brief(turn, edit=message_id)
    else:
        turn.say("responder.language_set", edit=message_id)


def _is_start(update: Update) -> bool:
    text = (update.message.text or "") if update.message is not None else ""
    return text.split()[:1] == ["/start"]
