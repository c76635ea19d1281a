"""How things stand, read from the store into the views that doors show."""

from datetime import datetime
from uuid import UUID

from escalation.incident_state import Incident, Phase, calls_at, next_step_due
from escalation.incident_words import Kind
from escalation.people import ResponderId
from escalation.routine import Timer
from escalation.watch import Phase as WatchPhase
from store import attachments, codes, incidents, people, runbook, spoken_checks, watches
from store.database import Tx
from store.dossiers import Dossier, dossiers
from store.records import DefenderRecord, ResponderRecord

from .planning import Book, chain_of, plan_for, spoken
from .views import (
    CallView,
    DefenderView,
    IncidentView,
    NextView,
    PlaceView,
    ProposalView,
    ResponderView,
    SaidView,
    WatchView,
)

LOOKED_AT = 5  # of the newest things sent, for the newest words


def incident_view(tx: Tx, incident: Incident, dossier: Dossier | None = None) -> IncidentView:
    """One incident as it stands now; `dossier` is its own, where this transaction has read it already."""
    kept = dossier or dossiers(tx.looking(), (incident.id,)).get(incident.id)
    defender, names = people.defender(tx, incident.defender), _names(tx, incident)
    place = attachments.last_place(tx, incident.id) if kept and kept.things else None
    newest = attachments.newest_of(tx, incident.id, LOOKED_AT) if kept and kept.things else []
    said = [row for row in newest if row.text]
    proposal = incident.proposal
    due_at, slip_at = kept.instants(tx) if kept else (None, None)
    return IncidentView(
        id=incident.id,
        reference=kept.reference if kept else "?",
        kind=incident.kind,
        phase=incident.phase,
        at=tx.now,
        defender=incident.defender,
        defender_name=defender.name if defender else "?",
        defender_zone=defender.zone if defender else "UTC",
        opened_at=incident.opened_at,
        due_at=due_at,
        slip_at=slip_at,
        round=incident.round,
        calls=_calls(tx, incident),
        holder=incident.holder,
        holder_name=names.get(incident.holder) if incident.holder else None,
        held_since=incident.held_since,
        held_until=incident.held_until,
        last_holder_name=names.get(incident.last_holder) if incident.last_holder else None,
        proposal=ProposalView(proposal.number, proposal.by, names.get(proposal.by, "?"), proposal.outcome)
        if proposal
        else None,
        outcome=incident.outcome,
        closed_at=incident.closed_at,
        next=next_view(incident),
        place=PlaceView(place.latitude, place.longitude, place.at)
        if place and place.latitude is not None and place.longitude is not None
        else None,
        ticked=runbook.ticked(tx, incident.id) if kept and kept.lines else (),
        covert=incident.kind is Kind.DURESS,
        steps=_steps(incident),
        words=SaidView(said[-1].text, said[-1].at) if said else None,
        sent=kept.things if kept else 0,
        checked_in_at=incident.checked_in_at,
    )


def face(view: IncidentView) -> tuple[object, ...]:
    """What the reader of an alarm goes by: when it has changed, the alarm must."""
    proposal = view.proposal.number if view.proposal else None
    told = (view.sent, view.checked_in_at)
    return view.phase, view.holder, view.held_until, proposal, view.outcome, view.round, view.ticked, told


def next_view(incident: Incident) -> NextView | None:
    """What comes next by itself, None when the incident is closed."""
    at = calls_at(incident)
    if at is None:
        return None
    if incident.phase is Phase.HELD and at == incident.held_until:
        return NextView("lapse", at)
    if at != next_step_due(incident):
        return NextView("repeat", at)
    if incident.approval_asked:
        return NextView("approval", at)
    if incident.reached < len(incident.plan.steps):
        return NextView(incident.plan.steps[incident.reached].tier, at)
    return NextView("end_of_chain", at)


def _steps(incident: Incident) -> tuple[tuple[str, int, datetime | None], ...]:
    shown: list[tuple[str, int, datetime | None]] = []
    at = next_step_due(incident)
    steps = incident.plan.steps
    for index, step in enumerate(steps):
        if index < incident.reached:
            when: datetime | None = min(
                (call.called_at for call in incident.calls if call.step == index), default=incident.opened_at
            )
        elif at is None:
            when = None
        else:
            at = at if index == incident.reached else at + (step.after - steps[index - 1].after)
            when = at
        shown.append((step.tier, len(step.people), when))
    return tuple(shown)


def concerned(incident: Incident) -> set[ResponderId]:
    """Whose names an incident shows."""
    named = {incident.holder, incident.last_holder, incident.proposal.by if incident.proposal else None}
    return {call.person for call in incident.calls} | {person for person in named if person is not None}


def _calls(tx: Tx, incident: Incident) -> tuple[CallView, ...]:
    shown = []
    for call in incident.calls:
        responder = people.responder(tx, call.person)
        tier = incident.plan.steps[call.step].tier if call.step >= 0 else "end_of_chain"
        if responder is not None:
            shown.append(
                CallView(
                    call.person, responder.name, responder.role, tier, call.times, call.declined, call.out_of_reach
                )
            )
    return tuple(shown)


def _names(tx: Tx, incident: Incident) -> dict[ResponderId, str]:
    found = (people.responder(tx, person) for person in concerned(incident))
    return {ResponderId(record.id): record.name for record in found if record is not None}


def defender_view(tx: Tx, book: Book, record: DefenderRecord) -> DefenderView:
    """A defender as their own door sees them."""
    profile = book.profile(record.profile)
    chain = chain_of(tx, book, record)
    panic = plan_for(tx, book, record, Kind.PANIC)
    standing = [watch for watch in watches.of_defender(tx, record.id) if watch.phase is not WatchPhase.RESTING]
    grace = profile.pace.grace
    return DefenderView(
        id=record.id,
        name=record.name,
        language=record.language,
        zone=record.zone,
        state=record.state,
        one_tap=profile.one_tap,
        times=record.times,
        has_safe_word=record.safe_word is not None,
        watches=tuple(
            WatchView(
                watch.id,
                "timer" if isinstance(watch.rule, Timer) else "daily",
                watch.phase.value,
                watch.due_at,
                watch.paused_until,
            )
            for watch in standing
        ),
        tiers=tuple(
            (tier.role, len(tier.people), (grace + after).total_seconds())
            for tier, after in zip(chain.tiers, profile.missed.tiers, strict=False)
        ),
        at_once=len({person for step in panic.steps if not step.after for person in step.people}),
        incident_open=record.state != "active" and bool(incidents.open_of_defender(tx, record.id)),
        has_code=codes.has_one(tx, record.id),
        agreed=record.consented_at is not None,
        check=_check(tx, book, record.id),
    )


def responder_view(tx: Tx, book: Book, record: ResponderRecord) -> ResponderView:
    """A responder as their own door sees them, with the open incidents that they were alarmed about."""
    return ResponderView(
        id=record.id,
        name=record.name,
        language=record.language,
        zone=record.zone,
        role=record.role,
        state=record.state,
        away_until=record.away_until,
        open=tuple(incident_view(tx, incident) for incident in incidents.open_about(tx, record.id)),
        agreed=record.consented_at is not None,
        check=_check(tx, book, record.id),
    )


def _check(tx: Tx, book: Book, person: UUID) -> str:
    check = spoken_checks.unconfirmed(tx, person)
    return spoken(book, check) if check is not None else ""
