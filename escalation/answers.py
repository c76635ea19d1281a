"""What is said to a person who pressed a button: never what they asked for, always what is now true."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .people import ResponderId


class Truth(StrEnum):
    """What is now true, said to the person who pressed."""

    YOU_HAVE_IT = "you_have_it"
    OTHER_HAS_IT = "other_has_it"
    NEWS_FIRST = "news_first"
    NOTED_CANNOT = "noted_cannot"
    GIVEN_BACK = "given_back"
    NOTED_SEEN = "noted_seen"
    NOTED_REPORT = "noted_report"
    SECOND_NEEDED = "second_needed"
    SECOND_MUST_BE_OTHER = "second_must_be_other"
    PROPOSAL_GONE = "proposal_gone"
    NOTED_DISPUTE = "noted_dispute"
    APPROVED = "approved"
    NOTHING_TO_APPROVE = "nothing_to_approve"
    CLOSED = "closed"
    NOT_CALLED = "not_called"
    PRESSED_BEFORE = "pressed_before"


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer the press of `to`. `holder`, `since` and `until` are given where the truth speaks of a hold."""

    to: ResponderId
    truth: Truth
    holder: ResponderId | None = None
    since: datetime | None = None
    until: datetime | None = None
