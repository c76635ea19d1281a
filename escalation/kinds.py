"""Why we call, and how it may end: the words that an incident is opened and closed with."""

from enum import StrEnum


class Kind(StrEnum):
    """Why we call."""

    PANIC = "panic"
    DURESS = "duress"
    MISSED = "missed"
    DRILL = "drill"


class Outcome(StrEnum):
    """How it ended, in the words of those who closed it."""

    SAFE = "safe"
    FALSE_ALARM = "false_alarm"
    CONFIRMED = "confirmed"
    HANDED_OVER = "handed_over"
