"""The board under the phones: what the service is doing and what comes next, for whoever watches a rehearsal.

Read from the same views that the doors show, and from the journal; nothing here decides.
"""

from datetime import datetime

from engine.showing import incident_view
from engine.views import IncidentView, NextView
from escalation.incident_state import Incident, Phase
from escalation.routine import Timer
from escalation.watch import Phase as WatchPhase
from escalation.watch import Watch, wakes_at
from store import incidents, people, watches
from store.database import Store, Tx
from store.records import Words

from .story import OUTCOMES, story_of

INCIDENTS_SHOWN = 3  # newest first; an open one is never left out for a closed one
KINDS = {"panic": "panic", "duress": "duress", "missed": "missed check-in", "drill": "drill"}


async def read_board(store: Store) -> dict[str, object]:
    """What the page of the stage shows: incidents and watches."""
    return await store.read(_board)


def _board(tx: Tx) -> dict[str, object]:
    newest = incidents.recent(tx, INCIDENTS_SHOWN)
    still_open = [one for one in incidents.recent(tx, INCIDENTS_SHOWN, only_open=True) if one not in newest]
    shown = sorted((*newest, *still_open), key=lambda one: (one.phase is Phase.CLOSED, -one.opened_at.timestamp()))
    return {
        "incidents": [_incident(tx, one) for one in shown[:INCIDENTS_SHOWN]],
        "watches": [
            _watch(watch, defender.name)
            for defender in people.defenders(tx)
            for watch in watches.of_defender(tx, defender.id)
            if watch.phase is not WatchPhase.RESTING
        ],
    }


def _incident(tx: Tx, incident: Incident) -> dict[str, object]:
    view = incident_view(tx, incident)
    return {
        "id": str(view.id),
        "reference": view.reference,
        "kind": KINDS[view.kind.value],
        "state": view.phase.value if view.outcome is None else f"closed: {view.outcome.value}",
        "defender": view.defender_name,
        "opened_at": view.opened_at.isoformat(),
        "tiers": _tiers(tx, incident, view),
        "holder": view.holder_name,
        "held_until": _iso(view.held_until),
        "proposal": _proposal(view),
        "closed_at": _iso(view.closed_at),
        "next": _next(incident, view),
        "entries": [{"at": entry.at.isoformat(), "text": text} for entry, text in story_of(tx, incident.id)],
    }


def _tiers(tx: Tx, incident: Incident, view: IncidentView) -> list[dict[str, object]]:
    shown: list[dict[str, object]] = []
    for index, (step, (name, _, when)) in enumerate(zip(incident.plan.steps, view.steps, strict=True)):
        if not step.people:
            continue  # such a step is passed at once
        calls = [call for call in incident.calls if call.person in step.people and call.step == index]
        known = [one for one in (people.responder(tx, person) for person in step.people) if one is not None]
        out = {call.person for call in calls if not call.can_answer}
        shown.append(
            {
                "name": name.capitalize(),
                "asked": max((call.times for call in calls), default=0) if index < incident.reached else 0,
                "due_at": _iso(when),
                "people": [one.name for one in known],
                "cannot": [one.name for one in known if one.id in out],
            }
        )
    return shown


def _proposal(view: IncidentView) -> str | None:
    """What waits for a second person."""
    if view.proposal is None:
        return None
    return f"{view.proposal.by_name} says: {OUTCOMES[view.proposal.outcome.value]}. A second person must agree."


def _next(incident: Incident, view: IncidentView) -> dict[str, Words] | None:
    if view.next is None:
        return None
    return {"what": _what(incident, view, view.next), "at": view.next.at.isoformat()}


def _what(incident: Incident, view: IncidentView, coming: NextView) -> str:
    match coming.what:
        case "repeat":
            return "everybody is called again, if nobody takes it"
        case "lapse":
            return f"{view.holder_name} has no more time; everybody is called again"
        case "approval":
            return f"{_tier_next(incident)} are called, approved or not"
        case "end_of_chain" if incident.end_told:
            return "it begins again with the first tier"
        case "end_of_chain":
            return "the whole chain was called; coordinators are"
        case tier:
            return f"{tier} are called"


def _tier_next(incident: Incident) -> str:
    return incident.plan.steps[incident.reached].tier if incident.reached < len(incident.plan.steps) else "coordinators"


def _watch(watch: Watch, defender: str) -> dict[str, object]:
    wakes = wakes_at(watch)
    return {
        "defender": defender,
        "state": watch.phase.value,
        "due_at": _iso(watch.due_at),
        "next": {"what": _coming(watch, wakes), "at": wakes.isoformat()} if wakes is not None else None,
    }


def _coming(watch: Watch, wakes: datetime) -> str:
    what = "the timer" if isinstance(watch.rule, Timer) else "the check-in"
    if watch.phase is WatchPhase.PAUSED:
        return "the pause ends"
    if wakes == watch.alarm_at:
        return "the first tier is asked"
    if wakes == watch.due_at:
        return f"{what} is due"
    return "a reminder"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
