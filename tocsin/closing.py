"""Closing an incident from the command line: in the name of a responder, and by the same rules as in their chat."""

from engine.happenings import Happenings
from escalation import incident_words as said
from escalation.incident_state import Incident, may_act, needs_second
from escalation.incident_words import Outcome
from escalation.people import Role
from store import incidents, journal
from store.database import Tx
from store.records import ResponderRecord

from .refusing import Refused


def find_incident(tx: Tx, reference: str) -> Incident:
    """The incident of this reference. Raises Refused."""
    found = incidents.by_reference(tx, reference.strip().upper())
    if found is None:
        raise Refused(f"There is no incident {reference!r}: `tocsin incident list` shows them.")
    return found


def close(tx: Tx, happenings: Happenings, incident: Incident, outcome: Outcome, by: list[ResponderRecord]) -> bool:
    """Close `incident` as the people in `by`, one after the other; False when a second person has to agree first.

    Raises Refused, and then nothing has happened."""
    if incident.closed_at is not None:
        raise Refused("This incident is closed already.")
    for person in by:
        if person.role is Role.COORDINATOR:
            incident = happenings.to_incident(tx, incident, said.CoordinatorJoined(person.id))
        if not may_act(incident, person.id):
            raise Refused(
                f"{person.name} was not called about this and is no coordinator of it: name somebody who was."
            )
    standing = incident.proposal
    alone = len({person.id for person in by}) == 1 and needs_second(incident)
    if alone and standing is not None and standing.by == by[0].id and standing.outcome is outcome:
        raise Refused(f"{by[0].name} has said so already; a second person has to agree: add --as with their name.")
    journal.write(tx, "closed_from_command_line", incident=incident.id, defender=incident.defender)
    for person in by:
        if incident.closed_at is None:
            incident = happenings.to_incident(tx, incident, said.Closed(person.id, outcome))
    return incident.closed_at is not None
