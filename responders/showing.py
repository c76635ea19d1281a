"""From a letter to what is shown: one table of templates. Pure; what it cannot say, it refuses as a failed delivery."""

from collections.abc import Callable, Mapping, Sequence

from engine.letter import Letter, PermanentFailure
from engine.views import IncidentView

from . import notices
from .alarm import alarm_page
from .answers import answer_text
from .conversation import conversation_page
from .page import Page
from .wording import Reader, Say, reader_of

ABOUT_AN_INCIDENT: Mapping[str, Callable[[IncidentView, Letter, Reader], Page]] = {
    "responder.alarm": alarm_page,
    "responder.end_of_chain": notices.end_of_chain,
    "responder.lapsed": notices.lapsed,
    "responder.approval": notices.approval,
    "responder.held": notices.held,
    "responder.second": notices.second,
    "responder.disputed": notices.disputed,
    "responder.news": notices.news,
    "responder.all_clear": notices.all_clear,
    "responder.answer": notices.answer,
}


QUIET = "responder.quiet"  # the press is answered and nothing is said


def page_of(letter: Letter, say: Say, languages: Sequence[str]) -> Page:
    """The message that `letter` asks for. Raises PermanentFailure for a letter that makes no sense."""
    reader = reader_of(letter, say)
    show = ABOUT_AN_INCIDENT.get(letter.template)
    failure = PermanentFailure("unsayable")
    try:
        if show is None:
            return conversation_page(letter, reader, languages)
        if letter.incident is not None:
            return show(letter.incident, letter, reader)
    except (LookupError, TypeError, ValueError) as error:
        failure = PermanentFailure(f"unsayable_{type(error).__name__}")
    raise failure


def sentence_of(letter: Letter, say: Say) -> str:
    """What the small window over a pressed button says; "" for nothing. Raises PermanentFailure as above."""
    reader = reader_of(letter, say)
    failure: PermanentFailure
    try:
        if letter.template == QUIET:
            return ""
        if letter.template == "responder.answer":
            return answer_text(letter, reader)
        return reader.text(letter.template.removeprefix("responder."))
    except (LookupError, TypeError, ValueError) as error:
        failure = PermanentFailure(f"unsayable_{type(error).__name__}")
    raise failure
