"""A delivery made into a letter, with the reader's language and the incident as it stands at this moment."""

from uuid import UUID

from escalation.incident_state import Phase
from escalation.people import DefenderId, IncidentId, ResponderId
from store import attachments, codes, incidents, people
from store.database import Tx
from store.records import DeliveryRow
from store.states import StateUnreadable

from .letter import Letter, Operation, Words
from .naming import with_names
from .planning import Book
from .showing import incident_view
from .views import IncidentView

STALE_ONCE_CLOSED = ("responder.alarm", "responder.end_of_chain", "responder.approval", "responder.second")


def compose(tx: Tx, row: DeliveryRow, seen: dict[UUID, IncidentView], book: Book | None = None) -> Letter | None:
    """The letter for `row`; None when it must not be sent any more because its incident is closed.

    `seen` keeps the views of one batch, so that an incident is read once for it; `book` tells who has which keys, and
    without it nobody has any. Raises StateUnreadable when what it says, or the incident, cannot be read."""
    if not row.template:
        raise StateUnreadable("What a delivery says cannot be opened.")
    view = None
    if row.incident is not None:
        view = seen.get(row.incident)
        if view is None:
            incident = incidents.load(tx, IncidentId(row.incident))
            view = incident_view(tx, incident) if incident is not None else None
            if view is not None:
                seen[row.incident] = view
    sends_alarm = row.operation == Operation.SEND and row.template in STALE_ONCE_CLOSED
    if sends_alarm and (view is None or view.phase is Phase.CLOSED):
        return None
    language, zone, sign = _reader(tx, row, book)
    return Letter(
        key=row.id,
        operation=Operation(row.operation),
        template=row.template,
        words=_words(tx, row),
        language=language,
        zone=zone,
        incident=view,
        message_id=row.message_id,
        maybe_repeat=row.maybe_repeat,
        person=row.person,
        sign=sign,
    )


def _words(tx: Tx, row: DeliveryRow) -> dict[str, Words]:
    """The words with everybody's names, and with what was sent along if that is what is passed on."""
    words = with_names(tx, row.words)
    sent = attachments.one(tx, UUID(str(words["attachment"]))) if "attachment" in words else None
    if sent is not None:
        place: dict[str, Words] = {"latitude": sent.latitude, "longitude": sent.longitude}
        file: dict[str, Words] = {"file_id": sent.file_id, "file_name": sent.file_name}
        words |= {"kind": sent.kind, "text": sent.text, **place, **file, "at": sent.at.isoformat()}
    return words


def _reader(tx: Tx, row: DeliveryRow, book: Book | None) -> tuple[str, str, bool | None]:
    """The language and the zone of who reads, and the keys under their chat: see `Letter.sign`."""
    if row.side != "defender":
        responder = people.responder(tx, ResponderId(row.person))
        return (responder.language, responder.zone, None) if responder is not None else ("en", "UTC", None)
    defender = people.defender(tx, DefenderId(row.person))
    if defender is None:
        return "en", "UTC", None
    if book is None or defender.state != "active":
        return defender.language, defender.zone, None
    sign = book.profile(defender.profile).one_tap or codes.of_defender(tx, defender.id) is not None
    return defender.language, defender.zone, sign
