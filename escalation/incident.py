"""Incident: one call for help, and who must be asked next until a human being owns it.

The rules:

* An incident is *calling*, *held* by one person until an instant, or *closed*. Only a closed one waits for nothing.
* Steps of the plan are added one after the other and nobody is dropped when the next is added. While nobody holds the
  incident, everyone who was called and can still answer is called again and again; every call is numbered.
* A tier of which nobody is left (unreachable, away, or "cannot") is passed at once. After the last step the
  coordinators are called, and then the round begins anew.
* "On it" holds the incident for a bounded time, at most so often in a row without news, and puts off the next tier by
  no more than `Plan.longest_delay`. When the hold goes quiet, everybody is called again. "Seen" changes nothing.
* Closing takes an outcome and, once anybody beyond the first tier was called or for any panic or duress, a second
  person who agrees to what they had before them. A proposal to close stops no clock.
* What the defender does meanwhile (calls again, sends things, checks in) is told at once twice in ten minutes, and
  then every two: by the repeat of the call where one comes, and as news where none does (`telling`).
* Nothing that comes from the defender closes an incident, but for one thing: a good check-in ends a *missed* one while
  nobody beyond the first tier was called, nobody holds it and no covert one is open. A forced one closes nothing, and
  is passed on as such.
"""

from dataclasses import replace
from datetime import datetime

from . import calling
from .incident_state import Incident, Phase, Proposal, audience, may_act, needs_second, wakes_at, with_reach
from .incident_words import (
    AllClear,
    Answer,
    Approved,
    AskSecond,
    BackInReach,
    Closed,
    Confirmed,
    CoordinatorJoined,
    Declined,
    DefenderCalledAgain,
    DefenderCheckedIn,
    DefenderSent,
    DefenderStillSilent,
    Disputed,
    Effect,
    Event,
    Kind,
    News,
    NobodyToApprove,
    Outcome,
    OutOfReach,
    PassOn,
    Reported,
    Saw,
    TellDisputed,
    TellHeld,
    TimePassed,
    TookIt,
    Truth,
    WroteByMail,
)
from .ladder import Plan
from .people import DefenderId, IncidentId, ResponderId
from .telling import heard_from_defender

__all__ = ["Incident", "Phase", "decide", "open_incident", "wakes_at"]

Decision = tuple[Incident, tuple[Effect, ...]]


def open_incident(incident_id: IncidentId, defender: DefenderId, kind: Kind, plan: Plan, now: datetime) -> Decision:
    """A new call for help, with its first people asked."""
    blank = Incident(incident_id, defender, kind, plan, opened_at=now, next_step_at=now)
    return calling.let_time_pass(blank, now)


def decide(incident: Incident, event: Event, now: datetime) -> Decision:
    """What `event` at `now` makes of the incident, and what must be said to whom. Pure and total."""
    if incident.phase is Phase.CLOSED:
        return incident, _answer_closed(event)
    match event:
        case TimePassed():
            return calling.let_time_pass(incident, now)
        case OutOfReach(person):
            return calling.out_of_reach(incident, person, now)
        case BackInReach(person):
            return calling.back_in_reach(incident, person, now)
        case CoordinatorJoined(person):
            return calling.coordinator_joined(incident, person, now)
        case NobodyToApprove():
            return calling.nobody_to_approve(incident, now)
        case DefenderCheckedIn() as sign:
            return _defender_checked_in(incident, sign, now)
        case DefenderCalledAgain():
            return heard_from_defender(incident, News.CALLED_AGAIN, now)
        case DefenderStillSilent():
            return incident, _pass_on(incident, News.STILL_SILENT)
        case DefenderSent():
            return heard_from_defender(incident, News.SENT, now)
        case _ if not may_act(incident, event.by):
            return incident, (Answer(event.by, Truth.NOT_CALLED),)
        case TookIt(by):
            return _took(incident, by, now)
        case Declined(by):
            return _declined(incident, by, now)
        case Saw(by):
            return incident, (_answer(incident, by, Truth.NOTED_SEEN, now),)
        case Reported(by):
            return _reported(incident, by, now)
        case WroteByMail(by, cannot):
            return incident, _pass_on(incident, News.CANNOT_BY_MAIL if cannot else News.SEEN_BY_MAIL, by)
        case Closed(by, outcome):
            return _proposed(incident, by, outcome, now)
        case Confirmed(by, number):
            return _confirmed(incident, by, number, now)
        case Disputed(by, number):
            return _disputed(incident, by, number)
        case Approved(by, round_number, step):
            return _approved(incident, by, round_number, step, now)


# What responders do


def _took(incident: Incident, by: ResponderId, now: datetime) -> Decision:
    plan = incident.plan
    holder = incident.holder_at(now)
    if holder is not None and holder != by:
        return incident, (_answer(incident, by, Truth.OTHER_HAS_IT, now),)
    in_a_row = incident.holds_in_a_row + 1 if incident.last_holder == by else 1
    if in_a_row > plan.holds_in_a_row:
        return incident, (_answer(incident, by, Truth.NEWS_FIRST, now),)
    until = now + plan.hold_for
    held = replace(
        with_reach(incident, by, out_of_reach=False, declined=False),
        phase=Phase.HELD,
        holder=by,
        last_holder=by,
        held_since=incident.held_since if holder == by else now,
        held_until=until,
        holds_in_a_row=in_a_row,
    )
    others = tuple(person for person in audience(incident) if person != by)
    answer = Answer(by, Truth.YOU_HAVE_IT, by, held.held_since, until)
    return held, (answer, TellHeld(by, until, others)) if others and holder != by else (answer,)


def _declined(incident: Incident, by: ResponderId, now: datetime) -> Decision:
    declined = with_reach(incident, by, declined=True)
    if incident.phase is Phase.HELD and incident.holder == by:
        free, effects = calling.give_back(declined, now)
        return free, (Answer(by, Truth.GIVEN_BACK), *effects)
    skipped, effects = calling.skip_ahead(declined, now)
    return skipped, (_answer(incident, by, Truth.NOTED_CANNOT, now), *effects)


def _reported(incident: Incident, by: ResponderId, now: datetime) -> Decision:
    if incident.holder_at(now) == by:
        incident = replace(incident, holds_in_a_row=1, held_until=now + incident.plan.hold_for)
    elif incident.last_holder == by:
        incident = replace(incident, holds_in_a_row=0)
    answer = _answer(incident, by, Truth.NOTED_REPORT, now)
    return incident, (answer, *_pass_on(incident, News.REPORT, by))


def _proposed(incident: Incident, by: ResponderId, outcome: Outcome, now: datetime) -> Decision:
    standing = incident.proposal
    if not needs_second(incident):
        return _close(incident, outcome, (by,), now)
    if standing is not None and standing.outcome is outcome:
        return _confirmed(incident, by, standing.number, now)
    number = incident.proposals + 1
    incident = replace(incident, proposal=Proposal(number, by, outcome, now), proposals=number)
    if incident.holder_at(now) == by:
        incident = replace(incident, holds_in_a_row=1, held_until=now + incident.plan.hold_for)
    others = tuple(
        dict.fromkeys(person for person in (*audience(incident), *incident.plan.coordinators) if person != by)
    )
    answer = _answer(incident, by, Truth.SECOND_NEEDED, now)
    incident = replace(incident, informed=tuple(dict.fromkeys((*incident.informed, *incident.plan.coordinators))))
    return incident, (answer, AskSecond(number, by, outcome, others)) if others else (answer,)


def _confirmed(incident: Incident, by: ResponderId, number: int, now: datetime) -> Decision:
    standing = incident.proposal
    if standing is None or standing.number != number:
        return incident, (_answer(incident, by, Truth.PROPOSAL_GONE, now),)
    if standing.by == by:
        return incident, (_answer(incident, by, Truth.SECOND_MUST_BE_OTHER, now),)
    return _close(incident, standing.outcome, (standing.by, by), now)


def _disputed(incident: Incident, by: ResponderId, number: int) -> Decision:
    standing = incident.proposal
    if standing is None or standing.number != number:
        return incident, (Answer(by, Truth.PROPOSAL_GONE),)
    others = tuple(person for person in audience(incident) if person != by)
    answer = Answer(by, Truth.NOTED_DISPUTE)
    return replace(incident, proposal=None), (answer, TellDisputed(by, others)) if others else (answer,)


def _approved(incident: Incident, by: ResponderId, round_number: int, step: int, now: datetime) -> Decision:
    waits = incident.approval_asked and (incident.round, incident.reached) == (round_number, step)
    if not waits or by not in incident.plan.coordinators:
        return incident, (Answer(by, Truth.NOTHING_TO_APPROVE),)
    called, effects = calling.call_step(incident, now)
    passed, more = calling.skip_ahead(called, now)
    return passed, (Answer(by, Truth.APPROVED), *effects, *more)


def _close(incident: Incident, outcome: Outcome, by: tuple[ResponderId, ...], now: datetime) -> Decision:
    closed = replace(
        incident,
        phase=Phase.CLOSED,
        outcome=outcome,
        closed_at=now,
        holder=None,
        held_since=None,
        held_until=None,
        repeat_at=None,
        proposal=None,
    )
    answers = (Answer(by[-1], Truth.CLOSED),) if by else ()
    heard = audience(incident)
    return closed, (*answers, AllClear(outcome, by, heard)) if heard else answers


# What comes from the defender


def _defender_checked_in(incident: Incident, sign: DefenderCheckedIn, now: datetime) -> Decision:
    if sign.forced:
        return incident, _pass_on(incident, News.FORCED)
    alone = incident.holder_at(now) is None and not needs_second(incident) and not sign.beside_covert
    if incident.kind is Kind.MISSED and alone and incident.proposal is None:
        return _close(incident, Outcome.SAFE, (), now)
    return heard_from_defender(replace(incident, checked_in_at=now), News.CHECKED_IN, now)


# Small parts


def _pass_on(incident: Incident, news: News, by: ResponderId | None = None) -> tuple[Effect, ...]:
    to = tuple(person for person in audience(incident) if person != by)
    return (PassOn(news, to, by),) if to else ()


def _answer(incident: Incident, to: ResponderId, truth: Truth, now: datetime) -> Answer:
    if incident.holder_at(now) is None:
        return Answer(to, truth)
    return Answer(to, truth, incident.holder, incident.held_since, incident.held_until)


def _answer_closed(event: Event) -> tuple[Effect, ...]:
    by = getattr(event, "by", None)
    return () if by is None else (Answer(by, Truth.CLOSED),)
