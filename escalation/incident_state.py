"""The state of an incident, and what can be read off it without deciding anything."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from .incident_words import Kind, Outcome
from .ladder import Plan, Step
from .news import News
from .people import DefenderId, IncidentId, ResponderId

COORDINATORS_STEP = -1  # the step of a call that was made because the chain had ended
TOLD_EVERY = timedelta(minutes=2)  # what the defender does, once it is no longer told at once


class Phase(StrEnum):
    """Where an incident stands."""

    CALLING = "calling"
    HELD = "held"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Call:
    """That a person was called: through which step, in which round, how often in all, when last, and whether they
    can still answer."""

    person: ResponderId
    step: int
    round: int
    times: int
    called_at: datetime
    out_of_reach: bool = False
    declined: bool = False

    @property
    def can_answer(self) -> bool:
        """Whether it makes sense to call them again in this round."""
        return not (self.out_of_reach or self.declined)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Somebody's word on how it ended, waiting for a second person."""

    number: int
    by: ResponderId
    outcome: Outcome
    at: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """Everything about one call for help. All timers are instants in here; `wakes_at` gives the earliest.

    `reached` counts the steps called in this `round`; `next_step_at` is when the next one is due, before any delay by
    a hold. `informed` were told something without being called. `last_holder` and `holds_in_a_row` outlive a hold.
    `told_at` is when the people called were last told of anything the defender did, or called once more, and `untold`
    the weightiest of what has come since; `told_at_once` are the instants at which something was told as it came.
    `checked_in_at` is when the agreed sign last came, unforced."""

    id: IncidentId
    defender: DefenderId
    kind: Kind
    plan: Plan
    opened_at: datetime
    next_step_at: datetime
    phase: Phase = Phase.CALLING
    round: int = 1
    reached: int = 0
    approval_asked: bool = False
    end_told: bool = False
    repeat_at: datetime | None = None
    calls: tuple[Call, ...] = ()
    informed: tuple[ResponderId, ...] = ()
    holder: ResponderId | None = None
    held_since: datetime | None = None
    held_until: datetime | None = None
    last_holder: ResponderId | None = None
    holds_in_a_row: int = 0
    proposal: Proposal | None = None
    proposals: int = 0
    told_at: datetime | None = None
    told_at_once: tuple[datetime, ...] = ()
    untold: News | None = None
    checked_in_at: datetime | None = None
    outcome: Outcome | None = None
    closed_at: datetime | None = None

    def holder_at(self, now: datetime) -> ResponderId | None:
        """Who has it at `now`; a hold whose time is over counts for nothing, even before the bell has rung."""
        if self.phase is Phase.HELD and self.held_until is not None and now < self.held_until:
            return self.holder
        return None


def wakes_at(incident: Incident) -> datetime | None:
    """When the incident next wants `TimePassed`; None only when it is closed."""
    if incident.phase is Phase.CLOSED:
        return None
    return min(instant for instant in (calls_at(incident), tells_at(incident)) if instant is not None)


def calls_at(incident: Incident) -> datetime | None:
    """When somebody is next called or asked, or a hold lapses; None only when it is closed."""
    if incident.phase is Phase.CLOSED:
        return None
    own = incident.held_until if incident.phase is Phase.HELD else incident.repeat_at
    return min(instant for instant in (own, next_step_due(incident)) if instant is not None)


def tells_at(incident: Incident) -> datetime | None:
    """When those who were called are told what the defender has done since; None when nothing is left to tell.

    A repeat of the call that comes before tells them as well."""
    if incident.untold is None or incident.told_at is None:
        return None
    return incident.told_at + TOLD_EVERY


def next_step_due(incident: Incident) -> datetime | None:
    """When the next step is called, with any delay by a hold; None while a hold stands and no tier is left to add.

    No hold delays a question for approval: the step that waits for it would be delayed twice."""
    if incident.phase is Phase.CLOSED:
        return None
    if incident.phase is Phase.HELD and incident.held_until is not None and not asks_approval_next(incident):
        if incident.reached == len(incident.plan.steps):
            return None
        latest = incident.next_step_at + incident.plan.longest_delay
        return min(max(incident.next_step_at, incident.held_until), latest)
    return incident.next_step_at


def asks_approval_next(incident: Incident) -> bool:
    """Whether the coordinators are asked before the next step is called, and have not been asked yet."""
    steps = incident.plan.steps[incident.reached : incident.reached + 1]
    return any(step.approval for step in steps) and bool(incident.plan.coordinators) and not incident.approval_asked


def call_of(incident: Incident, person: ResponderId) -> Call | None:
    """The call of this person, or None if they were never called."""
    return next((call for call in incident.calls if call.person == person), None)


def with_call(incident: Incident, person: ResponderId, step: int, now: datetime) -> Incident:
    """The incident with `person` called once more, through `step`."""
    known = call_of(incident, person)
    if known is None:
        call = Call(person, step, incident.round, times=1, called_at=now)
        return replace(incident, calls=(*incident.calls, call))
    call = replace(known, step=step, round=incident.round, times=known.times + 1, called_at=now)
    return replace(incident, calls=tuple(call if other is known else other for other in incident.calls))


def with_reach(
    incident: Incident, person: ResponderId, *, out_of_reach: bool | None = None, declined: bool | None = None
) -> Incident:
    """The incident with what is newly known of `person`; None leaves a mark as it is."""
    call = call_of(incident, person)
    if call is None:
        return incident
    marked = replace(
        call,
        out_of_reach=call.out_of_reach if out_of_reach is None else out_of_reach,
        declined=call.declined if declined is None else declined,
    )
    return replace(incident, calls=tuple(marked if other is call else other for other in incident.calls))


def audience(incident: Incident) -> tuple[ResponderId, ...]:
    """Everyone who has heard of the incident and can be told more, in the order in which they did."""
    called = (call.person for call in incident.calls if not call.out_of_reach)
    return tuple(dict.fromkeys((*called, *incident.informed)))


def speaks_for(incident: Incident, plan: Plan) -> bool:
    """Whether a further call for the same reason is part of this incident, instead of one with the new `plan`.

    An incident of which nobody has heard does not swallow a call for which somebody else could be asked today."""
    return bool(audience(incident)) or not people_of(plan) - people_of(incident.plan)


def people_of(plan: Plan) -> set[ResponderId]:
    """Everybody whom a plan would ever call."""
    return {*plan.coordinators, *(person for step in plan.steps for person in step.people)}


def may_act(incident: Incident, person: ResponderId) -> bool:
    """Whether this person's word counts here: they were called, or are a coordinator of it."""
    return call_of(incident, person) is not None or person in incident.plan.coordinators


def needs_second(incident: Incident) -> bool:
    """Whether one person alone may not close it."""
    if incident.kind is Kind.DRILL:
        return False
    beyond_first = any(call.step != 0 for call in incident.calls) or incident.round > 1
    return incident.kind in (Kind.PANIC, Kind.DURESS) or beyond_first


def front_is_out(incident: Incident) -> bool:
    """Whether nobody is left to answer in a tier of the front: the steps that were called last and together."""
    if not incident.reached:
        return not incident.plan.steps
    last = incident.plan.steps[incident.reached - 1]
    front = [step for step in incident.plan.steps[: incident.reached] if step.after == last.after]
    tiers = [step for step in front if not step.role.oversees]
    out = [step for step in front if not _can_answer(incident, step)]
    return any(step in out for step in tiers) or len(out) == len(front)


def _can_answer(incident: Incident, step: Step) -> bool:
    return any((call := call_of(incident, person)) is not None and call.can_answer for person in step.people)
