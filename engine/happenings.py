"""What happens to watches and incidents: each function is the work of one event inside one transaction.

Read, let the heart decide, write the state, the deliveries and the journal. Nothing here decides, nothing here sends.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from escalation import incident as incident_machine
from escalation import incident_words as said
from escalation import watch as watch_machine
from escalation import watch_words
from escalation.incident_state import Incident, Phase, audience, needs_second, speaks_for
from escalation.incident_words import Kind
from escalation.people import DefenderId, IncidentId, ResponderId
from escalation.watch import Watch
from store import attachments, deliveries, incidents, journal, people, watches
from store.database import Tx
from store.records import AttachmentRow, DefenderRecord

from . import announcing
from .acts import Sent
from .metrics import Metrics
from .noting import fields_of, name_of
from .planning import Book, plan_for
from .ticking import show_tick

LOOSE_FOR = timedelta(hours=24)  # what a defender sent in this time before an incident belongs to it
HANDED_ON = 1  # of the newest things sent, to who is called for the first time; the alarm shows more, and counts all
SHOWN_WITHIN = timedelta(seconds=5)  # until an alarm shows what is not told at once; many things make one edit
LIVE_PLACE_EVERY = timedelta(seconds=60)  # a moving place is passed on no more often than this


@dataclass(frozen=True, slots=True)
class Happenings:
    """The transactions' work, with what it needs to know besides the database."""

    book: Book
    metrics: Metrics

    # Watches

    def to_watch(self, tx: Tx, watch: Watch, *events: watch_words.Event) -> Watch:
        """Let `events` happen to a watch, one after the other, with all that follows from them."""
        decided, effects = watch, list[watch_words.Effect]()
        for event in events:
            decided, more = watch_machine.decide(decided, event, tx.now)
            effects += more
        if decided != watch:
            watches.save(tx, decided)
        for effect in effects:
            what = fields_of(effect)
            journal.write(tx, name_of(effect), defender=watch.defender, watch=str(watch.id), what=what)
            if isinstance(effect, watch_words.Missed):
                self._missed(tx, decided, effect)
            else:
                announcing.announce_watch(tx, watch.defender, watch.id, effect)
        return decided

    def _missed(self, tx: Tx, watch: Watch, missed: watch_words.Missed) -> None:
        standing = self._standing(tx, watch.defender, Kind.MISSED, Kind.DURESS)
        if standing:
            for one in standing:
                self.to_incident(tx, one, said.DefenderStillSilent())
            return
        key = f"missed:{watch.id}:{missed.due_at.isoformat()}"
        self.open(tx, watch.defender, Kind.MISSED, key, due_at=missed.due_at, slip_at=missed.slip_at)

    # Incidents

    def open(
        self, tx: Tx, defender_id: DefenderId, kind: Kind, opened_by: str,
        due_at: datetime | None = None, slip_at: datetime | None = None,
    ) -> Incident | None:  # fmt: skip
        """Open an incident; None when `opened_by` has opened one before. For a miss: what was due when, and when
        something was given for it that was not right."""
        defender = people.defender(tx, defender_id)
        if defender is None:
            return None
        plan = plan_for(tx, self.book, defender, kind)
        opened, effects = incident_machine.open_incident(IncidentId(uuid4()), defender_id, kind, plan, tx.now)
        if not incidents.insert(tx, opened, opened_by, due_at, slip_at):
            return None
        self.metrics.opened(kind)
        journal.write(tx, "opened", incident=opened.id, defender=defender_id, kind=kind.value, by=opened_by)
        opened = self._carry_out(tx, opened, effects, press=None, text=None)
        for row in attachments.adopt(tx, defender_id, opened.id, tx.now - LOOSE_FOR, HANDED_ON):
            self._hand_along(tx, opened, audience(opened), row.id)
        return opened

    def to_incident(
        self,
        tx: Tx,
        incident: Incident,
        event: said.Event,
        *,
        press: str | None = None,
        text: str | None = None,
        sent: UUID | None = None,
    ) -> Incident:
        """Let `event` happen to an incident, with all that follows from it.

        `press` is the button press to answer, `text` what a report says, `sent` what the defender sent."""
        decided, effects = incident_machine.decide(incident, event, tx.now)
        if decided != incident:
            incidents.save(tx, decided)
        if not isinstance(event, said.TimePassed):
            actor = getattr(event, "by", None) or getattr(event, "person", None)
            journal.write(
                tx, name_of(event), incident=incident.id, defender=incident.defender, actor=actor, what=fields_of(event)
            )
        if decided.phase is Phase.CLOSED and incident.phase is not Phase.CLOSED:
            deliveries.cancel(tx, incident.id)
        elif decided.phase is Phase.HELD and incident.phase is not Phase.HELD:
            deliveries.cancel_repeats(tx, incident.id)
            show_tick(tx, decided)
        decided = self._carry_out(tx, decided, effects, press, text, sent)
        self._catch_up(tx, decided, effects)
        called = {person for person, _ in _calls(effects)}
        if _face(decided) != _face(incident):
            announcing.refresh(tx, decided, but=called)
        elif not effects and decided.untold and isinstance(event, said.DefenderSent | said.DefenderCheckedIn):
            announcing.refresh(tx, decided, within=SHOWN_WITHIN)
        return decided

    def _catch_up(self, tx: Tx, incident: Incident, effects: Iterable[said.Effect]) -> None:
        """Who is called for the first time gets what the defender has sent so far."""
        new = [person for person, times in _calls(effects) if times == 1]
        for row in attachments.newest_of(tx, incident.id, HANDED_ON) if new else ():
            announcing.hand_along(tx, incident, new, row.id)

    def _carry_out(
        self,
        tx: Tx,
        incident: Incident,
        effects: Iterable[said.Effect],
        press: str | None,
        text: str | None,
        sent: UUID | None = None,
    ) -> Incident:
        unreached: list[ResponderId] = []
        for effect in effects:
            if not isinstance(effect, said.Answer):
                what = fields_of(effect)
                journal.write(tx, name_of(effect), incident=incident.id, defender=incident.defender, what=what)
            if isinstance(effect, said.PassOn):
                if effect.news is said.News.SENT:
                    self._hand_along(tx, incident, effect.to, sent)
                else:
                    announcing.pass_on(tx, incident, effect, text)
            else:
                unreached += announcing.announce(tx, incident, effect, press)
        for person in unreached:
            self.metrics.skipped.inc()
            incident = self.to_incident(tx, incident, said.OutOfReach(person))
        waits = incident.approval_asked and incident.next_step_at > tx.now and incident.phase is not Phase.CLOSED
        if waits and not announcing.can_be_asked(tx, incident.plan.coordinators):
            incident = self.to_incident(tx, incident, said.NobodyToApprove())
        return incident

    def _standing(self, tx: Tx, defender: DefenderId, *kinds: Kind) -> list[Incident]:
        """The open incidents that a new reason of these kinds belongs to."""
        who = people.defender(tx, defender)
        found = [one for one in incidents.open_of_defender(tx, defender) if one.kind in kinds]
        if who is None or not found:
            return found
        plan = plan_for(tx, self.book, who, kinds[0])
        return [one for one in found if speaks_for(one, plan)]

    # Defenders

    def call_for_help(self, tx: Tx, defender: DefenderRecord, sent: Iterable[Sent], opened_by: str) -> None:
        """A panic: a new incident, or one more call in the open one."""
        standing = self._standing(tx, defender.id, Kind.PANIC, Kind.DURESS)
        for one in standing:
            self.to_incident(tx, one, said.DefenderCalledAgain())
        if not standing:
            self.open(tx, defender.id, Kind.PANIC, opened_by)
        for thing in sent:
            self.keep_sent(tx, defender.id, thing)

    def keep_sent(self, tx: Tx, defender: DefenderId, sent: Sent) -> None:
        """Keep what the defender sent, and have all know of it who are alarmed."""
        standing = incidents.open_of_defender(tx, defender)
        for incident in standing or (None,):
            moving = sent.live and incident is not None and self._place_is_fresh(tx, incident.id)
            row = AttachmentRow(
                id=uuid4(),
                defender=defender,
                incident=incident.id if incident else None,
                kind=sent.kind.value,
                text=sent.text,
                latitude=sent.latitude,
                longitude=sent.longitude,
                live=sent.live,
                file_id=sent.file_id,
                file_name=sent.file_name,
                at=tx.now,
            )
            attachments.add(tx, row)
            if incident is not None and not moving:
                self.to_incident(tx, incident, said.DefenderSent(), sent=row.id)

    def _place_is_fresh(self, tx: Tx, incident: IncidentId) -> bool:
        last = attachments.last_place(tx, incident)
        return last is not None and last.at > tx.now - LIVE_PLACE_EVERY

    def _hand_along(self, tx: Tx, incident: Incident, to: Iterable[ResponderId], sent: UUID | None) -> None:
        """Hand on what was sent just now, or the newest of what has come."""
        for thing in [sent] if sent else [row.id for row in attachments.newest_of(tx, incident.id, 1)]:
            announcing.hand_along(tx, incident, to, thing)

    # Responders' reach

    def lost_reach(self, tx: Tx, person: ResponderId) -> None:
        """No channel reaches this person any more, or they went away: every open incident passes them over."""
        for incident in incidents.open_about(tx, person):
            self.to_incident(tx, incident, said.OutOfReach(person))

    def lost_reach_about(self, tx: Tx, incident_id: UUID, person: ResponderId) -> None:
        """What this incident says cannot be brought to this person; everything else still can."""
        incident = incidents.load(tx, incident_id)
        if incident is not None:
            self.to_incident(tx, incident, said.OutOfReach(person))

    def regained_reach(self, tx: Tx, person: ResponderId) -> None:
        """The person can be called again: every open incident that passed them over calls them."""
        for incident in incidents.open_about(tx, person):
            self.to_incident(tx, incident, said.BackInReach(person))


def _face(incident: Incident) -> tuple[object, ...]:
    """What the readers of an alarm see; when it changes, the alarms in the chats are edited."""
    proposal = incident.proposal.number if incident.proposal else None
    return (
        incident.phase,
        incident.holder,
        incident.held_until,
        proposal,
        incident.outcome,
        incident.reached,
        incident.round,
        incident.approval_asked,
        needs_second(incident),
    )


def _calls(effects: Iterable[said.Effect]) -> Iterator[tuple[ResponderId, int]]:
    """Who gets an alarm by these effects, and which one of theirs it is."""
    for effect in effects:
        if isinstance(effect, said.Ask | said.TellEndOfChain):
            yield from effect.people
