"""The buttons under an alarm: few, different for who has it, and gone when it is closed."""

from enum import StrEnum
from uuid import UUID

from engine.views import IncidentView
from escalation.incident_state import Phase
from escalation.incident_words import Outcome

from .page import Button, Rows, button, in_rows
from .presses import Action
from .runbook import lines_of
from .wording import Reader


class Shown(StrEnum):
    """Which page of an alarm is shown."""

    ALARM = "alarm"
    OUTCOMES = "outcomes"
    RUNBOOK = "runbook"


def rows_of(incident: IncidentView, reader: Reader, person: UUID | None, shown: Shown, times: int) -> Rows:
    """The buttons for this reader. `times` is which call of theirs the message is."""
    if incident.phase is Phase.CLOSED:
        return ()
    back = (button(reader, "back", Action.BACK, incident.id, times),)
    match shown:
        case Shown.OUTCOMES:
            outcomes = (button(reader, one, Action.CLOSE, incident.id, one.value) for one in Outcome)
            return (*in_rows(outcomes, 2), back)
        case Shown.RUNBOOK:
            ticks = (
                button(reader, "tick", Action.TICK, incident.id, line, times, number=place)
                for place, line in enumerate(lines_of(incident), 1)
                if line not in incident.ticked
            )
            return (*in_rows(ticks, 3), back)
        case Shown.ALARM:
            rows = (*_proposal(incident, reader, person), *_alarm(incident, reader, person, times))
            return (*rows, sent_row(incident, reader)) if incident.sent else rows


def proposal_row(incident_id: UUID, number: int, reader: Reader) -> tuple[Button, ...]:
    """Agree to a proposal, or not."""
    agree = button(reader, "confirm", Action.CONFIRM, incident_id, number)
    return agree, button(reader, "dispute", Action.DISPUTE, incident_id, number)


def show_row(incident: IncidentView, reader: Reader) -> tuple[Button, ...]:
    """Show the alarm itself once more; none when it is closed."""
    if incident.phase is Phase.CLOSED:
        return ()
    return (button(reader, "show", Action.SHOW, incident.id, reference=incident.reference),)


def sent_row(incident: IncidentView, reader: Reader) -> tuple[Button, ...]:
    """Hand over what the defender sent, each thing by itself."""
    return (button(reader, "sent", Action.SENT, incident.id, number=incident.sent),)


def held_now(incident: IncidentView) -> bool:
    """Whether somebody has it; a hold whose time is over counts for nothing."""
    return incident.phase is Phase.HELD and incident.held_until is not None and incident.at < incident.held_until


def _proposal(incident: IncidentView, reader: Reader, person: UUID | None) -> Rows:
    if incident.proposal is None or incident.proposal.by == person:
        return ()
    return (proposal_row(incident.id, incident.proposal.number, reader),)


def _alarm(incident: IncidentView, reader: Reader, person: UUID | None, times: int) -> Rows:
    name = incident.id
    on_it = button(reader, "on_it", Action.ON_IT, name)
    cannot = button(reader, "cannot", Action.CANNOT, name)
    seen = button(reader, "seen", Action.SEEN, name)
    report = button(reader, "report", Action.REPORT, name)
    runbook = button(reader, "runbook", Action.RUNBOOK, name, times)
    close = button(reader, "close", Action.OUTCOMES, name, times)
    if not held_now(incident):
        return (on_it, cannot), (seen, runbook), (report, close)
    if incident.holder == person:
        give_back = button(reader, "give_back", Action.CANNOT, name)
        extend = button(reader, "still_on_it", Action.ON_IT, name)
        return (report, runbook), (close, give_back), (extend,)
    return (report, runbook), (seen, close)
