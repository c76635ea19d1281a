"""What people write: a report where one was asked for or the alarm was answered, and otherwise a calm word.

A text is passed on to everyone who was alarmed, so it is taken for a report only where that was plainly meant."""

from datetime import datetime, timedelta
from uuid import UUID

from telegram import Message, Update

from engine.acts import Reported
from engine.turn import Dialogue, Turn
from engine.views import IncidentView
from escalation.people import IncidentId

from .presses import read
from .reading import Reading

REPORTING = "report"
LONGEST_PIECE = 1700  # characters, each of two units at most; see wording.LONGEST_TEXT
PATIENCE = timedelta(minutes=30)  # after this a text is no longer taken for the report that was asked for


def ask_for_report(turn: Turn, incident: IncidentView) -> None:
    """The next text will be the report."""
    turn.dialogue.state = REPORTING
    turn.dialogue.data = {"incident": str(incident.id), "asked_at": turn.now.isoformat()}
    turn.say("responder.tell", incident=str(incident.id), reference=incident.reference)


def stop_asking(turn: Turn) -> None:
    """The next text is no report."""
    turn.dialogue.state, turn.dialogue.data = None, {}


async def on_words(update: Update, context: Reading) -> None:
    """A text, or a file with words under it."""
    message, turn = update.message, context.turn
    if message is None:
        return
    words = (message.text or message.caption or "").strip()
    asked = asked_about(turn.dialogue, turn.now)
    target = _answered(message, turn) or asked
    if target is None:
        turn.say("responder.lost")
    elif not words:
        turn.say("responder.only_words")
    elif _is_open(turn, target):
        stop_asking(turn)
        for piece in _pieces(words):
            turn.act(Reported(IncidentId(target), piece))
        if message.effective_attachment is not None:
            turn.say("responder.only_words")
    else:
        stop_asking(turn)
        turn.say("responder.closed_meanwhile")


async def on_edit(update: Update, context: Reading) -> None:
    """A message was changed afterwards, which nobody else would see."""
    context.turn.say("responder.no_edits")


def asked_about(dialogue: Dialogue, now: datetime) -> UUID | None:
    """The incident about which a report was asked for, if that was not too long ago."""
    if dialogue.state != REPORTING:
        return None
    try:
        asked_at = datetime.fromisoformat(str(dialogue.data.get("asked_at")))
        incident = UUID(str(dialogue.data.get("incident")))
    except ValueError:
        return None
    return incident if now - asked_at <= PATIENCE else None


def _is_open(turn: Turn, incident: UUID) -> bool:
    return turn.responder is not None and any(one.id == incident for one in turn.responder.open)


def _pieces(words: str) -> list[str]:
    """The words in pieces that can each be passed on whole."""
    return [words[start : start + LONGEST_PIECE] for start in range(0, len(words), LONGEST_PIECE)]


def _answered(message: Message, turn: Turn) -> UUID | None:
    """The incident whose message this one replies to: named by a button there, or by its short name in the text."""
    original = message.reply_to_message
    if original is None or turn.responder is None:
        return None
    for row in original.reply_markup.inline_keyboard if original.reply_markup else ():
        for button in row:
            press = read(button.callback_data)
            if press is not None and press.incident is not None:
                return press.incident
    said = (original.text or original.caption or "").replace(":", " ").split()
    return next((one.id for one in turn.responder.open if one.reference in said), None)
