"""Calling: who is asked next, who once more, and who is passed over. The part of an incident that time drives."""

from dataclasses import replace
from datetime import datetime

from .incident_state import (
    COORDINATORS_STEP,
    Incident,
    Phase,
    asks_approval_next,
    call_of,
    front_is_out,
    next_step_due,
    with_call,
    with_reach,
)
from .incident_words import Ask, AskApproval, Effect, TellEndOfChain, TellLapsed
from .people import ResponderId
from .telling import tell_what_waits, told_by_repeat

Decision = tuple[Incident, tuple[Effect, ...]]


def let_time_pass(incident: Incident, now: datetime) -> Decision:
    """Everything that is due at `now`: a hold that went quiet, further steps, repeats."""
    effects: tuple[Effect, ...] = ()
    if incident.phase is Phase.HELD and incident.held_until is not None and incident.held_until <= now:
        effects = (TellLapsed(incident.holder),) if incident.holder else ()
        incident = set_free(incident, now)
    while (due := next_step_due(incident)) is not None and due <= now:
        incident, more = _advance(incident, now)
        effects += more
    if incident.phase is Phase.CALLING and incident.repeat_at is not None and incident.repeat_at <= now:
        incident, more = _call_again(incident, now)
        effects += more
    incident, more = tell_what_waits(incident, now)
    return incident, (*effects, *more)


def _advance(incident: Incident, now: datetime) -> Decision:
    plan = incident.plan
    if incident.reached == len(plan.steps):
        return _end_of_chain(incident, now) if not incident.end_told else (_next_round(incident, now), ())
    step = plan.steps[incident.reached]
    if asks_approval_next(incident):
        until = now + plan.approval_within
        asked = replace(incident, approval_asked=True, next_step_at=until, informed=plan.coordinators)
        return asked, (AskApproval(incident.round, incident.reached, step.tier, until, plan.coordinators),)
    return call_step(incident, now)


def call_step(incident: Incident, now: datetime) -> Decision:
    """Add the next step of the plan to the call."""
    plan, index = incident.plan, incident.reached
    step = plan.steps[index]
    last = index + 1 == len(plan.steps)
    wait = plan.round_after if last else plan.steps[index + 1].after - step.after
    called_now: list[tuple[ResponderId, int]] = []
    for person in step.people:
        if (known := call_of(incident, person)) is None or known.round < incident.round:
            incident = with_call(incident, person, index, now)
            called_now.append((person, _times(incident, person)))
    incident = replace(incident, reached=index + 1, approval_asked=False, next_step_at=now + wait)
    if incident.repeat_at is None:
        incident = replace(incident, repeat_at=now + plan.repeat_every)
    if front_is_out(incident):
        incident = replace(incident, next_step_at=now)
    held = incident.phase is Phase.HELD
    return incident, (Ask(index, step.tier, step.role, tuple(called_now), held),) if called_now else ()


def _call_again(incident: Incident, now: datetime) -> Decision:
    """Call everyone once more who can still answer, but for those whose last call is just behind them."""
    recent = now - incident.plan.repeat_every / 2
    again = [call for call in incident.calls if call.can_answer and call.called_at <= recent]
    for call in again:
        incident = with_call(incident, call.person, call.step, now)
    effects: list[Effect] = []
    for index in sorted({call.step for call in again if call.step != COORDINATORS_STEP}):
        step = incident.plan.steps[index]
        people = tuple((call.person, call.times + 1) for call in again if call.step == index)
        effects.append(Ask(index, step.tier, step.role, people, held=False))
    overseers = tuple((call.person, call.times + 1) for call in again if call.step == COORDINATORS_STEP)
    if overseers:
        effects.append(TellEndOfChain(incident.round, overseers))
    just_called = {call.person for call in incident.calls if call.called_at > recent}
    incident, more = told_by_repeat(incident, now, just_called)
    return replace(incident, repeat_at=now + incident.plan.repeat_every), (*effects, *more)


def _end_of_chain(incident: Incident, now: datetime) -> Decision:
    for person in incident.plan.coordinators:
        known = call_of(incident, person)
        incident = with_call(incident, person, known.step if known else COORDINATORS_STEP, now)
    people = tuple((person, _times(incident, person)) for person in incident.plan.coordinators)
    incident = replace(incident, end_told=True, next_step_at=now + incident.plan.round_after)
    return incident, (TellEndOfChain(incident.round, people),) if people else ()


def _next_round(incident: Incident, now: datetime) -> Incident:
    return replace(
        incident,
        round=incident.round + 1,
        reached=0,
        end_told=False,
        approval_asked=False,
        next_step_at=now,
        calls=tuple(replace(call, out_of_reach=False, declined=False) for call in incident.calls),
    )


def out_of_reach(incident: Incident, person: ResponderId, now: datetime) -> Decision:
    """Pass over a person whom no channel reaches; what they held goes back to everybody."""
    if incident.phase is Phase.HELD and incident.holder == person:
        return give_back(with_reach(incident, person, out_of_reach=True), now)
    call = call_of(incident, person)
    if call is None or call.out_of_reach:
        return incident, ()
    return skip_ahead(with_reach(incident, person, out_of_reach=True), now)


def back_in_reach(incident: Incident, person: ResponderId, now: datetime) -> Decision:
    """Call a person at once who had been passed over."""
    call = call_of(incident, person)
    if call is None or not call.out_of_reach:
        return incident, ()
    incident = with_call(with_reach(incident, person, out_of_reach=False), person, call.step, now)
    again = ((person, _times(incident, person)),)
    if call.step == COORDINATORS_STEP:
        return incident, (TellEndOfChain(incident.round, again),)
    step = incident.plan.steps[call.step]
    return incident, (Ask(call.step, step.tier, step.role, again, incident.phase is Phase.HELD),)


def coordinator_joined(incident: Incident, person: ResponderId, now: datetime) -> Decision:
    """Add a coordinator to the plan and call them, since they know nothing of it yet."""
    if person in incident.plan.coordinators or call_of(incident, person) is not None:
        return incident, ()
    plan = replace(incident.plan, coordinators=(*incident.plan.coordinators, person))
    called = with_call(replace(incident, plan=plan), person, COORDINATORS_STEP, now)
    return called, (TellEndOfChain(called.round, ((person, 1),)),)


def nobody_to_approve(incident: Incident, now: datetime) -> Decision:
    """Wait for no approval that nobody was asked for."""
    if not incident.approval_asked:
        return incident, ()
    return let_time_pass(replace(incident, next_step_at=min(now, incident.next_step_at)), now)


def skip_ahead(incident: Incident, now: datetime) -> Decision:
    """Go on at once if nobody is left to answer in the front."""
    if not front_is_out(incident) or incident.end_told or incident.approval_asked:
        return incident, ()
    return let_time_pass(replace(incident, next_step_at=min(now, incident.next_step_at)), now)


def give_back(incident: Incident, now: datetime) -> Decision:
    """Set it free and call everybody who is left; at once the next tier, where nobody is."""
    free, effects = skip_ahead(set_free(incident, now), now)
    called, more = let_time_pass(free, now)
    return called, (*effects, *more)


def set_free(incident: Incident, now: datetime) -> Incident:
    """Nobody holds it any more, and everybody is due to be called again."""
    return replace(incident, phase=Phase.CALLING, holder=None, held_since=None, held_until=None, repeat_at=now)


def _times(incident: Incident, person: ResponderId) -> int:
    call = call_of(incident, person)
    return call.times if call else 0
