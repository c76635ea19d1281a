"""What can become known about an incident, and is passed on to those who were called."""

from enum import StrEnum


class News(StrEnum):
    """What is passed on to those who were called."""

    CHECKED_IN = "checked_in"
    FORCED = "forced"
    STILL_SILENT = "still_silent"
    CALLED_AGAIN = "called_again"
    SENT = "sent"
    REPORT = "report"
    SEEN_BY_MAIL = "seen_by_mail"
    CANNOT_BY_MAIL = "cannot_by_mail"
