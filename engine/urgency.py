"""How urgent a message is: lower numbers leave first. Within a class the oldest leaves first."""

from enum import IntEnum

from escalation.incident_words import Kind


class Urgency(IntEnum):
    """The classes of the outbox."""

    PANIC_FIRST = 0
    PANIC = 1
    MISSED_FIRST = 2
    MISSED = 3
    HELD = 4
    REPLY = 5
    DRILL = 6
    UPKEEP = 7
    NOTICE = 8


def of_alarm(kind: Kind, *, first: bool, held: bool) -> Urgency:
    """The class of an alarm; `first` when the person has not heard of the incident before."""
    if kind is Kind.DRILL:
        return Urgency.DRILL
    if held:
        return Urgency.HELD
    if kind is Kind.MISSED:
        return Urgency.MISSED_FIRST if first else Urgency.MISSED
    return Urgency.PANIC_FIRST if first else Urgency.PANIC
