"""The first lines of verification: what to do with one's hands after an alarm, by its kind.

A line's key goes into the journal when somebody has done it; its text is `responder.runbook.<key>`. The lines follow
common practice of lone-worker monitoring and of organisations that protect defenders: an ordinary number, because one
saved as security endangers who is asked for it; no contact at all where somebody may be forced.
"""

from engine.views import IncidentView
from escalation.incident_words import Kind

COVERT = ("covert.quiet", "covert.people", "covert.lists", "covert.lawyer")
LINES: dict[Kind, tuple[str, ...]] = {
    Kind.PANIC: ("panic.ring", "panic.near", "panic.lists", "panic.lawyer"),
    Kind.DURESS: COVERT,
    Kind.MISSED: ("missed.ring", "missed.near", "missed.lists"),
    Kind.DRILL: ("drill.take", "drill.tell", "drill.close"),
}


def lines_of(incident: IncidentView) -> tuple[str, ...]:
    """The keys of the lines for this incident, in the order of doing."""
    return COVERT if incident.covert else LINES[incident.kind]
