"""Deliveries made into letters, with the reader's language and the incident as it stands at this moment."""

from collections.abc import Sequence
from uuid import UUID

from escalation.incident_state import Incident, Phase
from store import attachments, codes, people
from store.database import Tx
from store.dossiers import Dossier, dossiers
from store.records import DeliveryRow
from store.states import StateUnreadable

from .letter import Letter, Operation, Words
from .naming import with_names
from .planning import Book
from .showing import concerned, incident_view
from .views import IncidentView

STALE_ONCE_CLOSED = ("responder.alarm", "responder.end_of_chain", "responder.approval", "responder.second")


class Batch:
    """Letters that are composed in one transaction: whatever they share is read once."""

    def __init__(self, tx: Tx, rows: Sequence[DeliveryRow], book: Book | None = None) -> None:
        """`book` tells who has which keys, and without it nobody has any."""
        self._tx, self._book = tx, book
        self.dossiers = dossiers(tx, {row.incident for row in rows if row.incident is not None})
        self._states = {one.id: state for one in self.dossiers.values() if (state := _readable(tx, one))}
        self._views: dict[UUID, IncidentView] = {}
        told = self._states.values()
        defenders, responders = ({row.person for row in rows if row.side == side} for side in ("defender", "responder"))
        told_of = responders.union(*(concerned(incident) for incident in told))
        for person, defender in people.some_defenders(tx, defenders | {state.defender for state in told}).items():
            tx.known.put("defender", person, defender)
        for person, responder in people.some_responders(tx, told_of).items():
            tx.known.put("responder", person, responder)

    def letter(self, row: DeliveryRow) -> Letter | None:
        """The letter for `row`; None when it must not be sent any more because its incident is closed.

        Raises StateUnreadable when what it says, or the incident, cannot be read."""
        if not row.template:
            raise StateUnreadable("What a delivery says cannot be opened.")
        view = self._view(row.incident) if row.incident is not None else None
        sends_alarm = row.operation == Operation.SEND and row.template in STALE_ONCE_CLOSED
        if sends_alarm and (view is None or view.phase is Phase.CLOSED):
            return None
        language, zone, sign = self._reader(row)
        return Letter(
            key=row.id,
            operation=Operation(row.operation),
            template=row.template,
            words=_words(self._tx, row),
            language=language,
            zone=zone,
            incident=view,
            message_id=row.message_id,
            maybe_repeat=row.maybe_repeat,
            person=row.person,
            sign=sign,
        )

    def _view(self, number: UUID) -> IncidentView | None:
        dossier = self.dossiers.get(number)
        if dossier is None:
            return None
        if number not in self._views:
            state = self._states.get(number) or dossier.state(self._tx)
            self._views[number] = incident_view(self._tx, state, dossier)
        return self._views[number]

    def _reader(self, row: DeliveryRow) -> tuple[str, str, bool | None]:
        """The language and the zone of who reads, and the keys under their chat: see `Letter.sign`."""
        if row.side != "defender":
            responder = people.responder(self._tx, row.person)
            return (responder.language, responder.zone, None) if responder is not None else ("en", "UTC", None)
        defender = people.defender(self._tx, row.person)
        if defender is None:
            return "en", "UTC", None
        if self._book is None or defender.state != "active":
            return defender.language, defender.zone, None
        one_tap = self._book.profile(defender.profile).one_tap
        return defender.language, defender.zone, one_tap or codes.has_one(self._tx, defender.id)


def _readable(tx: Tx, dossier: Dossier) -> Incident | None:
    try:
        return dossier.state(tx)
    except StateUnreadable:
        return None


def _words(tx: Tx, row: DeliveryRow) -> dict[str, Words]:
    """The words with everybody's names, and with what was sent along if that is what is passed on."""
    words = with_names(tx, row.words)
    sent = attachments.one(tx, UUID(str(words["attachment"]))) if "attachment" in words else None
    if sent is not None:
        place: dict[str, Words] = {"latitude": sent.latitude, "longitude": sent.longitude}
        file: dict[str, Words] = {"file_id": sent.file_id, "file_name": sent.file_name}
        words |= {"kind": sent.kind, "text": sent.text, **place, **file, "at": sent.at.isoformat()}
    return words
