"""How an incident stands for somebody who pressed a button that has done its work: said, and nothing is changed."""

from datetime import datetime

from .answers import Answer, Truth
from .incident_state import Incident, Phase, may_act
from .people import ResponderId


def how_it_stands(incident: Incident, by: ResponderId, now: datetime) -> Answer:
    """The answer to a second press of one button: what is true at `now`. Pure."""
    if incident.phase is Phase.CLOSED:
        return Answer(by, Truth.CLOSED)
    if not may_act(incident, by):
        return Answer(by, Truth.NOT_CALLED)
    holder = incident.holder_at(now)
    if holder is not None:
        truth = Truth.YOU_HAVE_IT if holder == by else Truth.OTHER_HAS_IT
        return Answer(by, truth, holder, incident.held_since, incident.held_until)
    own = incident.proposal is not None and incident.proposal.by == by
    return Answer(by, Truth.SECOND_NEEDED if own else Truth.PRESSED_BEFORE)
