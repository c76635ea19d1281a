"""What responders do: each act of their door, carried out inside the transaction of its turn."""

from dataclasses import dataclass
from datetime import timedelta

from escalation import incident_words as said
from escalation.incident_state import Incident, Phase, may_act
from escalation.people import IncidentId, ResponderId, Role
from escalation.standing import how_it_stands
from store import attachments, incidents, invitations, journal, people, presses, runbook, spoken_checks
from store.database import Tx
from store.records import ResponderRecord

from . import acts, announcing
from .happenings import Happenings
from .letter import Operation, Words
from .naming import name_of
from .planning import spoken
from .queueing import chat_of, queue_for_person, say_farewell
from .urgency import Urgency

MOST_HANDED = 10  # of what a defender sent, at one press
MOST_OPEN = 1_000  # incidents about which a new coordinator is called


@dataclass(frozen=True, slots=True)
class ResponderActs:
    """Turns a responder's acts into what happens."""

    happenings: Happenings

    def carry_out(self, tx: Tx, who: ResponderRecord, act: acts.Act, press: str | None) -> None:
        """Do one act; `press` is the button press that it was, None when it came as a text."""
        match act:
            case acts.ChoseLanguage(language):
                people.change_responder(tx, who.id, language=language)
            case acts.ChoseZone(zone):
                people.change_responder(tx, who.id, zone=zone)
            case acts.WentAway(length):
                self._went_away(tx, who, length)
            case acts.CameBack():
                self._came_back(tx, who)
            case acts.Agreed():
                self._agreed(tx, who)
            case acts.Left():
                self._left(tx, who, press)
            case acts.PressedAgain(incident):
                self._pressed_again(tx, who, incident, press)
            case acts.TickedRunbook(incident, line):
                self._tick(tx, who, incident, line)
            case acts.AskedForSent(incident):
                self._hand_out(tx, who, incident)
            case acts.Reported(incident, text):
                self._press(tx, who, incident, said.Reported(who.id), press, text)
            case _:
                incident, event = _pressed(act, who.id)
                self._press(tx, who, incident, event, press)

    def _went_away(self, tx: Tx, who: ResponderRecord, length: timedelta) -> None:
        until = tx.now + length
        people.change_responder(tx, who.id, away_until=until)
        journal.write(tx, "went_away", actor=who.id, until=until.isoformat())
        words = {"until": until.isoformat()}
        announcing.tell_responder(tx, who.id, "responder.away", dict(words), urgency=Urgency.REPLY)
        self.happenings.lost_reach(tx, who.id)

    def _came_back(self, tx: Tx, who: ResponderRecord) -> None:
        people.change_responder(tx, who.id, away_until=None)
        journal.write(tx, "came_back", actor=who.id)
        announcing.tell_responder(tx, who.id, "responder.back", {}, urgency=Urgency.REPLY)
        self.happenings.regained_reach(tx, who.id)

    def _press(
        self,
        tx: Tx,
        who: ResponderRecord,
        incident_id: IncidentId,
        event: said.Event,
        press: str | None,
        text: str | None = None,
    ) -> None:
        incident = incidents.load(tx, incident_id)
        if incident is not None:
            decided = self.happenings.to_incident(tx, incident, event, press=press, text=text)
            self._note_how_soon(tx, incident, decided)
            return
        operation = Operation.ANSWER if press else Operation.SEND
        words = {"truth": said.Truth.NOT_CALLED.value}
        queue_for_person(
            tx,
            who.id,
            "responder",
            "responder.answer",
            dict(words),
            Urgency.REPLY,
            operation=operation,
            message_id=press,
        )

    def _note_how_soon(self, tx: Tx, before: Incident, after: Incident) -> None:
        """Somebody has it for the first time."""
        is_first = before.phase is not Phase.HELD and before.last_holder is None and after.phase is Phase.HELD
        if is_first and after.kind is not said.Kind.DRILL:
            waited = (tx.now - after.opened_at).total_seconds()
            self.happenings.metrics.acknowledged.observe(max(0.0, waited))

    def _pressed_again(self, tx: Tx, who: ResponderRecord, incident_id: IncidentId | None, press: str | None) -> None:
        incident = incidents.load(tx, incident_id) if incident_id is not None else None
        if incident is not None:
            announcing.announce(tx, incident, how_it_stands(incident, who.id, tx.now), press)

    def _tick(self, tx: Tx, who: ResponderRecord, incident_id: IncidentId, line: str) -> None:
        incident = incidents.load(tx, incident_id)
        if incident is not None and _was_called(incident, who.id) and runbook.tick(tx, incident_id, line, who.id):
            journal.write(tx, "runbook_ticked", incident=incident_id, actor=who.id, line=line)
            announcing.refresh(tx, incident)

    def _hand_out(self, tx: Tx, who: ResponderRecord, incident_id: IncidentId) -> None:
        """The newest of what the defender sent, each thing by itself, for the one who asked."""
        incident = incidents.load(tx, incident_id)
        if incident is not None and may_act(incident, who.id):
            for row in attachments.newest_of(tx, incident_id, MOST_HANDED):
                announcing.hand_along(tx, incident, (who.id,), row.id)

    def _agreed(self, tx: Tx, who: ResponderRecord) -> None:
        if who.state == "active":
            return
        people.change_responder(tx, who.id, consented_at=tx.now)
        check = spoken_checks.unconfirmed(tx, who.id)
        if check is None:
            self.activate(tx, who)
        else:
            words: dict[str, Words] = {"words": spoken(self.happenings.book, check)}
            announcing.tell_responder(tx, who.id, "responder.check", words, urgency=Urgency.REPLY)

    def activate(self, tx: Tx, who: ResponderRecord) -> None:
        """From now on this person is called: consent was given, and whoever was invited was recognised."""
        people.change_responder(tx, who.id, state="active", consented_at=who.consented_at or tx.now)
        journal.write(tx, "responder_active", actor=who.id, role=who.role.value)
        announcing.tell_responder(tx, who.id, "responder.active", {}, urgency=Urgency.REPLY)
        if who.role is Role.COORDINATOR:
            for standing in incidents.recent(tx, MOST_OPEN, only_open=True):
                if (incident := incidents.load(tx, standing.id)) is not None:
                    self.happenings.to_incident(tx, incident, said.CoordinatorJoined(who.id))

    def _left(self, tx: Tx, who: ResponderRecord, press: str | None) -> None:
        chat = chat_of(tx, who.id)
        announcing.tell_coordinators(tx, "responder_left", name=name_of(who.id))
        remove_responder(tx, self.happenings, who.id)
        if chat is not None and press is not None:
            say_farewell(tx, chat, "responder.left", press)


def _pressed(act: acts.Act, by: ResponderId) -> tuple[IncidentId, said.Event]:
    """The incident and the event of a pressed button."""
    match act:
        case acts.PressedOnIt(incident):
            return incident, said.TookIt(by)
        case acts.PressedCannot(incident):
            return incident, said.Declined(by)
        case acts.PressedSeen(incident):
            return incident, said.Saw(by)
        case acts.PressedClose(incident, outcome):
            return incident, said.Closed(by, outcome)
        case acts.PressedConfirm(incident, proposal):
            return incident, said.Confirmed(by, proposal)
        case acts.PressedDispute(incident, proposal):
            return incident, said.Disputed(by, proposal)
        case acts.PressedApprove(incident, round_number, step):
            return incident, said.Approved(by, round_number, step)
        case _:
            raise TypeError(f"{type(act).__name__} is not for a responder")


def remove_responder(tx: Tx, happenings: Happenings, person: ResponderId) -> None:
    """Take a responder out of every chain and pass them over in what is open."""
    people.remove_responder(tx, person)
    invitations.withdraw(tx, person)
    spoken_checks.withdraw(tx, person)
    presses.forget(tx, person)
    journal.write(tx, "responder_removed", actor=person)
    happenings.lost_reach(tx, person)


def _was_called(incident: Incident, person: ResponderId) -> bool:
    return any(call.person == person for call in incident.calls)
