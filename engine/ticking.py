"""One neutral sign in a defender's chat when somebody has taken their incident, for those who asked for it before.

It says neither who nor when nor what. It comes once for an incident, never while a covert one is open, and never for
one that something led to that was given as the sign and was not right. Who asks for it may not be the defender, and
might call for help to see whether a covert call is open: so it is shown for incidents that begin a day after it was
asked for.
"""

from datetime import timedelta

from escalation.incident_state import Incident
from escalation.incident_words import Kind
from store import chat_ticks, incidents
from store.database import Tx

from .announcing import tell_defender
from .urgency import Urgency

COUNTS_AFTER = timedelta(hours=24)


def show_tick(tx: Tx, incident: Incident) -> None:
    """Somebody has taken `incident`: show it to a defender who wants to see that."""
    since = chat_ticks.wanted_since(tx, incident.defender)
    if since is None or since > incident.opened_at - COUNTS_AFTER or incident.kind not in (Kind.PANIC, Kind.MISSED):
        return
    if any(one.kind is Kind.DURESS for one in incidents.open_of_defender(tx, incident.defender)):
        return
    if incidents.slip_at(tx, incident.id) is not None:
        return
    tell_defender(tx, incident.defender, "defender.tick", {}, urgency=Urgency.NOTICE, dedupe=f"tick:{incident.id}")
