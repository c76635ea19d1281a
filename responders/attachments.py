"""What a defender sent along, passed on: a text, a place, or a file fetched from the defenders' messenger.

A file that cannot be fetched in time is still told of: that something came is news too.
"""

import asyncio
from dataclasses import dataclass

from engine.acts import SentKind
from engine.discreet import Discreet
from engine.letter import Attachment, DeliveryFailure, Letter, PermanentFailure
from engine.views import IncidentView

from .alarm import about
from .alarm_buttons import show_row
from .page import LONGEST_LABEL, Page
from .wording import LONGEST_TEXT, Reader, Say, bold, escaped, plain, reader_of, word

FETCH_TIMEOUT = 4.0  # seconds; the rest of a delivery's ten is for the upload
LONGEST_CAPTION = 700  # UTF-16 units of the defender's own; the Bot API takes 1024 in all
LONGEST_FILE_NAME = 80  # characters


@dataclass(frozen=True, slots=True, repr=False)
class Where(Discreet):
    """A place in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, repr=False)
class Attached(Page):
    """A page that may be a place on the messenger's own map."""

    place: Where | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Upload(Discreet):
    """A file to be passed on; `kind` is photo, voice or document."""

    kind: str
    file_id: str
    file_name: str


def upload_of(letter: Letter) -> Upload | None:
    """The file that `letter` speaks of, if it does."""
    file_id, name = letter.words.get("file_id"), plain(" ".join(word(letter.words.get("file_name")).split()))
    if not isinstance(file_id, str) or not file_id:
        return None
    return Upload(word(letter.words.get("kind")), file_id, name[-LONGEST_FILE_NAME:] or "file")


async def fetched(attachments: Attachment, file_id: str) -> bytes | None:
    """The file's content, or None when it cannot be had now."""
    try:
        async with asyncio.timeout(FETCH_TIMEOUT):
            return await attachments.fetch(file_id) or None
    except (DeliveryFailure, TimeoutError):
        return None


def attached_page(letter: Letter, say: Say, *, lost: bool) -> Attached:
    """What is said with an attachment; `lost` when its file could not be fetched. Raises PermanentFailure."""
    if letter.incident is None:
        raise PermanentFailure("unsayable")
    incident, reader = letter.incident, reader_of(letter, say)
    where = _where(letter)
    if where is not None:
        at, name = _at(letter, reader), reader.name(incident.defender_name)
        label = reader.text("button.place", name=name, at=at, reference=incident.reference)[:LONGEST_LABEL]
        return Attached("", tuple(((label, data),) for _, data in show_row(incident, reader)), where)
    return Attached(_text(incident, letter, reader, lost), (show_row(incident, reader),))


def _text(incident: IncidentView, letter: Letter, reader: Reader, lost: bool) -> str:
    kind = word(letter.words.get("kind"))
    known = kind if kind in set(SentKind) else SentKind.DOCUMENT.value
    key = f"came_lost.{known}" if lost else f"came.{known}"
    lines = [bold(about(incident, reader)), escaped(reader.text(key, at=_at(letter, reader)))]
    text = word(letter.words.get("text"))
    if text:
        most = LONGEST_CAPTION if letter.words.get("file_id") else LONGEST_TEXT
        lines.append(escaped(reader.quote(text, most)))
    if letter.maybe_repeat:
        lines.append(escaped(reader.text("maybe_repeat")))
    return "\n".join(lines)


def _at(letter: Letter, reader: Reader) -> str:
    at = word(letter.words.get("at"))
    return reader.time(at) if at else ""


def _where(letter: Letter) -> Where | None:
    latitude, longitude = letter.words.get("latitude"), letter.words.get("longitude")
    if isinstance(latitude, int | float) and isinstance(longitude, int | float):
        return Where(float(latitude), float(longitude))
    return None
