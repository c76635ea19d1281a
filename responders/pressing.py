"""What the buttons of an alarm do. A button counts only for an incident that is open and about which this person was
alarmed; everything else is answered calmly and changes nothing. What is true after it, the engine says; the message
under which the button was then shows it too, whichever message that is."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.acts import (
    AskedForSent,
    PressedAgain,
    PressedApprove,
    PressedCannot,
    PressedClose,
    PressedConfirm,
    PressedDispute,
    PressedOnIt,
    PressedSeen,
    ResponderAct,
    TickedRunbook,
)
from engine.discreet import Discreet
from engine.turn import Turn
from engine.views import IncidentView
from escalation.incident_words import Outcome
from escalation.people import IncidentId

from .alarm_buttons import Shown
from .presses import Action, Press
from .runbook import lines_of
from .writing import ask_for_report

SAME_AGAIN = frozenset({Action.AGREE, Action.LANGUAGE})  # pressing these twice asks for nothing else
VIEWS = {Action.OUTCOMES: Shown.OUTCOMES, Action.RUNBOOK: Shown.RUNBOOK, Action.BACK: Shown.ALARM}


@dataclass(frozen=True, slots=True, repr=False)
class Pressed(Discreet):
    """A press on something that is open for this person. `message_id` is the message under which the button was."""

    turn: Turn
    press: Press
    incident: IncidentView
    message_id: str | None


def press_alarm(turn: Turn, press: Press, message_id: str | None) -> None:
    """Do what one button of an incident says."""
    open_here = turn.responder.open if turn.responder is not None else ()
    incident = next((one for one in open_here if one.id == press.incident), None)
    if incident is None:
        out_of_date(turn)
        return
    pressed = Pressed(turn, press, incident, message_id)
    if press.action in VIEWS:
        _show(pressed, VIEWS[press.action], edit=message_id)
    elif press.action is Action.SHOW:
        _show(pressed, Shown.ALARM, edit=None)
    elif press.action is Action.SENT:
        turn.answer_press("responder.quiet")
        turn.act(AskedForSent(incident.id))
    elif press.action is Action.REPORT:
        turn.answer_press("responder.quiet")
        ask_for_report(turn, incident)
    else:
        _note(pressed)


def pressed_again(turn: Turn, press: Press, message_id: str | None) -> None:
    """A button that has done its work: they are told how things stand, and the message gets buttons that are new."""
    if press.incident is None:
        turn.answer_press("responder.quiet" if press.action in SAME_AGAIN else "responder.outdated")
        return
    turn.act(PressedAgain(press.incident))
    _renew(turn, press.incident, message_id)


def too_old(turn: Turn, press: Press, message_id: str | None) -> None:
    """A button of theirs whose time is over: it counts for nothing, and the message gets buttons that are new."""
    out_of_date(turn)
    if press.incident is not None:
        _renew(turn, press.incident, message_id)


def out_of_date(turn: Turn) -> None:
    """Answer a button that means nothing any more, or never did."""
    turn.answer_press("responder.outdated")


def _renew(turn: Turn, incident: IncidentId, message_id: str | None) -> None:
    is_open = turn.responder is not None and any(one.id == incident for one in turn.responder.open)
    if is_open and message_id is not None:
        turn.say("responder.alarm", edit=message_id, incident=str(incident))


def _note(pressed: Pressed) -> None:
    act = ACTS[pressed.press.action](pressed)
    if act is None:
        out_of_date(pressed.turn)
        return
    pressed.turn.act(act)
    if isinstance(act, TickedRunbook):
        _show(pressed, Shown.RUNBOOK, edit=pressed.message_id)
    elif pressed.message_id is not None and not isinstance(act, PressedSeen):
        pressed.turn.say("responder.alarm", edit=pressed.message_id, incident=str(pressed.incident.id))


def _show(pressed: Pressed, shown: Shown, edit: str | None) -> None:
    """Turn the message to another page, or send the alarm once more; a change of view, not of the incident."""
    pressed.turn.answer_press("responder.quiet")
    place = 1 if pressed.press.action is Action.TICK else 0
    pressed.turn.say(
        "responder.alarm",
        edit=edit,
        incident=str(pressed.incident.id),
        page=shown.value,
        times=pressed.press.number(place) or 1,
        again=edit is None,
    )


def _close(pressed: Pressed) -> ResponderAct | None:
    outcome = pressed.press.word()
    return PressedClose(pressed.incident.id, Outcome(outcome)) if outcome in set(Outcome) else None


def _confirm(pressed: Pressed) -> ResponderAct | None:
    number = pressed.press.number()
    return None if number is None else PressedConfirm(pressed.incident.id, number)


def _dispute(pressed: Pressed) -> ResponderAct | None:
    number = pressed.press.number()
    return None if number is None else PressedDispute(pressed.incident.id, number)


def _approve(pressed: Pressed) -> ResponderAct | None:
    round_number, step = pressed.press.number(0), pressed.press.number(1)
    if round_number is None or step is None:
        return None
    return PressedApprove(pressed.incident.id, round_number, step)


def _tick(pressed: Pressed) -> ResponderAct | None:
    line = pressed.press.word()
    return TickedRunbook(pressed.incident.id, line) if line in lines_of(pressed.incident) else None


ACTS: dict[Action, Callable[[Pressed], ResponderAct | None]] = {
    Action.ON_IT: lambda pressed: PressedOnIt(pressed.incident.id),
    Action.CANNOT: lambda pressed: PressedCannot(pressed.incident.id),
    Action.SEEN: lambda pressed: PressedSeen(pressed.incident.id),
    Action.CLOSE: _close,
    Action.CONFIRM: _confirm,
    Action.DISPUTE: _dispute,
    Action.APPROVE: _approve,
    Action.TICK: _tick,
}
