"""What holds for every incident, whatever happens to it and in whatever order."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from escalation import incident_words as said
from escalation.incident_state import Incident, Phase, call_of, needs_second, wakes_at
from escalation.incident_words import Kind
from escalation.ladder import Plan
from escalation.people import ResponderId
from tests.heart.cast import MONDAY, Call, called_by, callees
from tests.heart.strategies import (
    PEOPLE,
    from_the_defender,
    incident_events,
    kinds,
    moments,
    people,
    plans,
    presses,
    presses_that_close_nothing,
    reach,
    with_pauses,
)

Doings = Sequence[tuple[timedelta, said.Event]]

ROUNDS = 3
some_people = st.frozensets(people, max_size=len(PEOPLE))
goes_on = st.one_of(presses_that_close_nothing(people), from_the_defender, reach)


def lived(
    plan: Plan, kind: Kind, doings: Doings, *, bell: bool = True, out: frozenset[ResponderId] = frozenset()
) -> Call:
    """The incident after all of it; without the `bell` nothing rang in between, as after an outage."""
    call = Call(plan, kind, out=out)
    for pause, event in doings:
        wait(call, pause, bell=bell)
        call.happens(event)
    return call


def wait(call: Call, pause: timedelta, *, bell: bool) -> None:
    """Let time pass, with or without somebody who rings the bell."""
    if bell:
        call.passes(pause)
    else:
        call.now += pause


def everyone(plan: Plan) -> set[ResponderId]:
    """All whom this plan would ever call."""
    return {person for step in plan.steps for person in step.people} | set(plan.coordinators)


# Time


@given(plans(), kinds, with_pauses(incident_events), st.booleans())
def test_only_a_closed_incident_waits_for_nothing(plan: Plan, kind: Kind, doings: Doings, bell: bool) -> None:
    incident = lived(plan, kind, doings, bell=bell).incident

    assert (wakes_at(incident) is None) == (incident.phase is Phase.CLOSED)


@given(plans(), kinds, with_pauses(incident_events), st.booleans())
def test_every_bell_moves_the_next_one_on(plan: Plan, kind: Kind, doings: Doings, bell: bool) -> None:
    call = lived(plan, kind, doings, bell=bell)

    for _ in range(30):
        wake = wakes_at(call.incident)
        if wake is None:
            break
        call.ring(wake)  # which holds the promise


@given(plans(), kinds, with_pauses(incident_events), st.booleans())
def test_time_alone_changes_nothing_before_the_bell(plan: Plan, kind: Kind, doings: Doings, bell: bool) -> None:
    call = lived(plan, kind, doings, bell=bell)
    call.happens(said.TimePassed())
    settled, wake = call.incident, wakes_at(call.incident)

    if wake is not None:
        call.now = max(call.now, wake - timedelta(microseconds=1))
    effects = call.happens(said.TimePassed())

    assert (call.incident, effects) == (settled, ())


@given(
    plans(), kinds, with_pauses(incident_events), st.lists(st.timedeltas(timedelta(), timedelta(days=3)), max_size=8)
)
def test_time_never_moves_an_incident_backwards(
    plan: Plan, kind: Kind, doings: Doings, pauses: list[timedelta]
) -> None:
    call = lived(plan, kind, doings)

    for pause in pauses:
        before = call.incident
        call.now += pause
        call.happens(said.TimePassed())
        assert progress(call.incident) >= progress(before)
        assert times(call.incident) >= times(before)
        assert call.incident.informed[: len(before.informed)] == before.informed
        assert (call.incident.phase is Phase.CLOSED) == (before.phase is Phase.CLOSED)


def progress(incident: Incident) -> tuple[int, int, bool, bool]:
    return incident.round, incident.reached, incident.approval_asked, incident.end_told


def times(incident: Incident) -> Counter[ResponderId]:
    return Counter({call.person: call.times for call in incident.calls})


@given(plans(), kinds, with_pauses(incident_events), st.booleans())
def test_what_happened_is_never_taken_back(plan: Plan, kind: Kind, doings: Doings, bell: bool) -> None:
    call = Call(plan, kind)

    for pause, event in doings:
        before = call.incident
        wait(call, pause, bell=bell)
        call.happens(event)
        after = call.incident
        assert (after.round, after.reached) >= (before.round, before.reached)
        assert times(after) >= times(before)
        assert after.proposals >= before.proposals
        assert (after.plan.steps, after.kind, after.opened_at) == (before.plan.steps, before.kind, before.opened_at)
        assert after.plan.coordinators[: len(before.plan.coordinators)] == before.plan.coordinators
        if before.phase is Phase.CLOSED:
            assert after == before


# Whatever happens


@given(plans(), kinds, with_pauses(incident_events), incident_events, moments)
def test_nothing_at_any_time_raises(
    plan: Plan, kind: Kind, doings: Doings, event: said.Event, moment: datetime
) -> None:
    call = lived(plan, kind, doings)
    call.now = moment  # also long before: a clock may be set back

    call.happens(event)

    assert (wakes_at(call.incident) is None) == (call.incident.phase is Phase.CLOSED)


@given(plans(), kinds, with_pauses(incident_events), st.booleans(), some_people)
def test_calls_are_numbered_for_each_person_without_gaps_or_repeats(
    plan: Plan, kind: Kind, doings: Doings, bell: bool, out: frozenset[ResponderId]
) -> None:
    call = lived(plan, kind, doings, bell=bell, out=out)

    numbered: dict[ResponderId, list[int]] = {}
    for _, effect in call.heard:
        for person, number in called_by(effect):
            numbered.setdefault(person, []).append(number)
    assert all(counted == list(range(1, len(counted) + 1)) for counted in numbered.values())


@given(plans(), kinds, with_pauses(incident_events), st.booleans())
def test_nothing_is_said_to_nobody_or_to_anybody_twice(plan: Plan, kind: Kind, doings: Doings, bell: bool) -> None:
    for _, effect in lived(plan, kind, doings, bell=bell).heard:
        if not isinstance(effect, said.Answer | said.TellLapsed):  # which have one reader
            readers = [person for person, _ in called_by(effect)] or list(getattr(effect, "to", ()))
            assert readers
            assert len(readers) == len(set(readers))


@given(plans(), kinds, with_pauses(incident_events))
def test_who_was_never_called_hears_nothing(plan: Plan, kind: Kind, doings: Doings) -> None:
    call = lived(plan, kind, doings)

    called = set(callees([effect for _, effect in call.heard])) | set(plan.coordinators)
    told = {
        person
        for _, effect in call.heard
        if not isinstance(effect, said.Answer | said.TellLapsed)
        for person in getattr(effect, "to", ())
    }
    assert told <= called


# Until a human being owns it


@given(plans(), kinds, with_pauses(goes_on), some_people)
def test_left_alone_an_incident_calls_everyone_again_and_again(
    plan: Plan, kind: Kind, doings: Doings, out: frozenset[ResponderId]
) -> None:
    call = lived(plan, kind, doings, out=out)
    assume(call.incident.phase is not Phase.CLOSED)  # by a good check-in
    left_at, wanted = call.incident.round, everyone(call.incident.plan)

    called: dict[int, set[ResponderId]] = {}
    while call.incident.round <= left_at + ROUNDS:
        wake = wakes_at(call.incident)
        assert wake is not None
        known = len(call.heard)
        call.ring(wake)
        called.setdefault(call.incident.round, set()).update(callees([effect for _, effect in call.heard[known:]]))

    for whole_round in range(left_at + 1, left_at + ROUNDS):
        assert called[whole_round] == wanted


@given(plans(), kinds, some_people)
def test_every_round_ends_with_the_coordinators(plan: Plan, kind: Kind, out: frozenset[ResponderId]) -> None:
    call = Call(plan, kind, out=out)

    while call.incident.round <= ROUNDS:
        wake = wakes_at(call.incident)
        assert wake is not None
        call.ring(wake)

    ends = {effect.round for _, effect in call.heard if isinstance(effect, said.TellEndOfChain)}
    assert ends >= (set(range(1, ROUNDS + 1)) if plan.coordinators else set())


@given(plans(), kinds, with_pauses(st.one_of(reach, presses_that_close_nothing(people)), most=20))
def test_a_tier_of_which_nobody_is_left_is_passed_in_the_same_moment(plan: Plan, kind: Kind, doings: Doings) -> None:
    call = Call(plan, kind)

    for pause, event in doings:
        call.passes(pause)
        call.happens(event)
        incident = call.incident
        if incident.phase is Phase.CALLING and 0 < incident.reached < len(plan.steps) and not incident.approval_asked:
            step = plan.steps[incident.reached - 1]
            assert step.role.oversees or any(can_answer(incident, person) for person in step.people)


def can_answer(incident: Incident, person: ResponderId) -> bool:
    call = call_of(incident, person)
    return call is not None and not call.declined and not call.out_of_reach


# What one, or some, cannot do


@given(plans(), st.sampled_from([Kind.PANIC, Kind.DURESS]), with_pauses(from_the_defender, most=40))
def test_nothing_from_the_defender_ends_a_panic_or_mutes_it(plan: Plan, kind: Kind, doings: Doings) -> None:
    disturbed, calm = Call(plan, kind), Call(plan, kind)

    for pause, event in doings:
        disturbed.passes(pause)
        calm.passes(pause)
        disturbed.happens(event)

    assert disturbed.incident.phase is Phase.CALLING
    assert [one for one in disturbed.heard if called_by(one[1])] == [one for one in calm.heard if called_by(one[1])]


@given(plans(), st.sampled_from([Kind.MISSED, Kind.DRILL]), with_pauses(goes_on), with_pauses(from_the_defender))
def test_a_check_in_ends_only_what_nobody_else_has_begun(plan: Plan, kind: Kind, doings: Doings, signs: Doings) -> None:
    call = lived(plan, kind, doings)

    for pause, event in signs:
        call.passes(pause)
        before = call.incident
        call.happens(event)
        if call.incident.phase is Phase.CLOSED and before.phase is not Phase.CLOSED:
            assert kind is Kind.MISSED
            assert before.phase is Phase.CALLING
            assert not any(called.step for called in before.calls)


@given(plans(), kinds, people, st.data())
def test_one_person_alone_can_close_nothing_that_needs_two(
    plan: Plan, kind: Kind, one: ResponderId, data: st.DataObject
) -> None:
    call = Call(plan, kind)

    for pause, event in data.draw(with_pauses(presses(st.just(one)), most=40)):
        call.passes(pause)
        before = call.incident
        call.happens(event)
        if call.incident.phase is Phase.CLOSED and before.phase is not Phase.CLOSED:
            assert not needs_second(before)
            assert kind in (Kind.DRILL, Kind.MISSED)


@given(plans(), kinds, st.frozensets(people, min_size=1), st.data())
def test_those_who_hold_it_for_ever_put_off_no_tier_for_longer_than_was_agreed(
    plan: Plan, kind: Kind, holders: frozenset[ResponderId], data: st.DataObject
) -> None:
    call = Call(plan, kind)
    pressing = with_pauses(presses_that_close_nothing(st.sampled_from(sorted(holders))), most=60)
    doings = data.draw(pressing)
    reached_at = {call.incident.reached: MONDAY}

    def note() -> None:
        for reached in range(1, call.incident.reached + 1):
            reached_at.setdefault(reached, call.now)

    for pause, event in doings:
        end = call.now + pause
        while (wake := wakes_at(call.incident)) is not None and wake <= end and call.incident.round == 1:
            call.ring(wake)
            note()
        if call.incident.round > 1:
            break
        call.now = end
        call.happens(event)
        note()

    note()
    for reached in range(2, max(reached_at) + 1):
        if reached - 1 in reached_at:
            waited = reached_at[reached] - reached_at[reached - 1]
            assert waited <= wait_before(plan, reached) + plan.longest_delay
    if call.incident.round == 1 and call.incident.reached < len(plan.steps):
        since = call.now - reached_at[max(reached_at)]
        assert since <= wait_before(plan, call.incident.reached + 1) + plan.longest_delay


def wait_before(plan: Plan, reached: int) -> timedelta:
    """How long after the step before the step with this number, from 1, is called if nobody does anything."""
    step, before = plan.steps[reached - 1], plan.steps[reached - 2]
    return step.after - before.after + (plan.approval_within if step.approval and plan.coordinators else timedelta())
