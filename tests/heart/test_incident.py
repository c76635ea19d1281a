"""Stories of one call for help: who is asked, who has it, who closes it, and who hears nothing."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from escalation.incident_state import Phase
from escalation.incident_words import (
    AllClear,
    Answer,
    Approved,
    Ask,
    AskApproval,
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
    TellEndOfChain,
    TellHeld,
    TellLapsed,
    TookIt,
    Truth,
)
from escalation.ladder import Plan, Tier
from escalation.people import Role
from tests.heart.cast import (
    BO,
    CLEO,
    COLLEAGUES,
    CONTACTS,
    COORDINATOR,
    DARA,
    DIRECTOR,
    LAWYERS,
    LEAD,
    MAX,
    MISSED,
    MONDAY,
    PANIC,
    Call,
    callees,
    minutes,
    three_tiers,
)

PARTNERS = Tier("partners", Role.PARTNER, (DARA,), approval=True)


def missed(*tiers: Tier) -> Call:
    return Call(three_tiers(MISSED, *tiers), Kind.MISSED)


def panic(*tiers: Tier) -> Call:
    return Call(three_tiers(PANIC, *tiers), Kind.PANIC)


def first_called(call: Call) -> dict[object, object]:
    """Everybody who was called, with the minutes from the opening to their first call."""
    return {
        person: (call.called_at(person)[0] - MONDAY) / minutes(1)
        for person in dict.fromkeys(callees([effect for _, effect in call.heard]))
    }


# Calling


def test_a_panic_calls_the_first_tier_and_the_coordinator_at_once() -> None:
    ana = panic()

    assert ana.heard == [
        (MONDAY, Ask(0, "contacts", Role.CONTACT, ((BO, 1),), held=False)),
        (MONDAY, Ask(1, "coordinator", Role.COORDINATOR, ((COORDINATOR, 1),), held=False)),
    ]


def test_people_are_added_when_their_time_comes() -> None:
    ana = panic()

    ana.passes(minutes(90))

    assert first_called(ana) == {BO: 0, COORDINATOR: 0, CLEO: 5, DARA: 10, LEAD: 60, DIRECTOR: 90}


def test_nobody_is_dropped_when_the_next_tier_is_added() -> None:
    ana = panic()

    ana.passes(minutes(20))

    assert [(when - MONDAY) / minutes(1) for when in ana.called_at(BO)] == [2 * number for number in range(11)]


def test_a_repeat_does_not_come_right_after_the_call_it_repeats() -> None:
    ana = Call(three_tiers(replace(PANIC, tiers=(minutes(0), minutes(5.5), minutes(10)))))

    ana.passes(minutes(9))

    assert [(when - MONDAY) / minutes(1) for when in ana.called_at(BO)] == [0, 2, 4, 6, 8]
    assert [(when - MONDAY) / minutes(1) for when in ana.called_at(CLEO)] == [5.5, 8]


def test_after_the_last_tier_the_coordinator_is_called_and_it_begins_anew() -> None:
    ana = missed()

    ana.passes(minutes(90 + 30))
    assert (ana.now, TellEndOfChain(1, ((COORDINATOR, 1),))) in ana.heard

    heard = ana.passes(minutes(30))
    assert ana.incident.round == 2
    assert BO in callees(heard)


def test_a_tier_that_cannot_be_reached_is_passed_at_once() -> None:
    ana = missed()

    assert ana.happens(OutOfReach(BO)) == (Ask(1, "colleagues", Role.COLLEAGUE, ((CLEO, 1),), held=False),)


def test_a_tier_that_cannot_be_reached_is_passed_though_the_coordinator_can() -> None:
    ana = panic()

    assert callees(ana.happens(OutOfReach(BO))) == [CLEO]


def test_a_coordinator_who_cannot_be_reached_hurries_nobody() -> None:
    ana = panic()

    assert ana.happens(OutOfReach(COORDINATOR)) == ()


def test_a_tier_is_not_passed_while_one_of_it_is_left() -> None:
    ana = missed(replace(CONTACTS, people=(BO, CLEO)), LAWYERS)

    assert ana.happens(OutOfReach(BO)) == ()
    assert callees(ana.happens(Declined(CLEO))) == [DARA]


def test_when_nobody_at_all_can_be_reached_the_coordinator_is_called_in_the_same_moment() -> None:
    ana = Call(three_tiers(MISSED), Kind.MISSED, out=(BO, CLEO, DARA))

    assert first_called(ana) == {BO: 0, CLEO: 0, DARA: 0, COORDINATOR: 0}


def test_whoever_was_out_of_reach_is_tried_again_in_the_next_round() -> None:
    ana = Call(three_tiers(MISSED), Kind.MISSED, out=(BO, CLEO, DARA))
    ana.out = ()

    heard = ana.passes(minutes(30 + 10))

    assert Ask(0, "contacts", Role.CONTACT, ((BO, 2),), held=False) in heard
    assert Ask(0, "contacts", Role.CONTACT, ((BO, 3),), held=False) in heard


def test_an_empty_tier_is_passed_over() -> None:
    ana = missed(replace(CONTACTS, people=()), COLLEAGUES)

    assert first_called(ana) == {CLEO: 0}


def test_who_is_in_two_tiers_is_not_called_twice_at_a_time() -> None:
    ana = panic(replace(CONTACTS, people=(COORDINATOR, BO)), COLLEAGUES)

    assert callees([effect for _, effect in ana.heard]) == [COORDINATOR, BO]


def test_who_is_back_in_reach_is_called_at_once() -> None:
    ana = panic()
    ana.happens(OutOfReach(BO))

    assert ana.happens(BackInReach(BO)) == (Ask(0, "contacts", Role.CONTACT, ((BO, 2),), held=False),)
    assert ana.happens(BackInReach(BO)) == ()


def test_a_bell_that_is_hours_late_calls_every_tier_and_nobody_twice() -> None:
    ana = panic()

    ana.now += minutes(300)
    ana.ring(ana.now)

    assert set(first_called(ana)) == {BO, COORDINATOR, CLEO}
    ana.passes(minutes(90))
    assert set(first_called(ana)) == {BO, COORDINATOR, CLEO, DARA, LEAD, DIRECTOR}


# Approval


def awaiting_approval() -> Call:
    ana = missed(CONTACTS, PARTNERS)
    ana.passes(minutes(30))
    return ana


def test_a_coordinator_is_asked_before_partners_are_called() -> None:
    ana = awaiting_approval()

    until = MONDAY + minutes(60)
    assert (MONDAY + minutes(30), AskApproval(1, 1, "partners", until, (COORDINATOR,))) in ana.heard
    assert ana.called_at(DARA) == []


def test_with_an_approval_partners_are_called_at_once() -> None:
    ana = awaiting_approval()

    assert ana.happens(Approved(COORDINATOR, 1, 1)) == (
        Answer(COORDINATOR, Truth.APPROVED),
        Ask(1, "partners", Role.PARTNER, ((DARA, 1),), held=False),
    )
    assert ana.happens(Approved(COORDINATOR, 1, 1)) == (Answer(COORDINATOR, Truth.NOTHING_TO_APPROVE),)


def test_without_an_approval_the_time_out_calls_them() -> None:
    ana = awaiting_approval()

    ana.passes(minutes(30))

    assert ana.called_at(DARA) == [MONDAY + minutes(60)]


def test_an_approval_that_nobody_can_be_asked_for_is_not_waited_for() -> None:
    ana = awaiting_approval()

    assert ana.happens(NobodyToApprove()) == (Ask(1, "partners", Role.PARTNER, ((DARA, 1),), held=False),)
    assert ana.happens(NobodyToApprove()) == ()


def test_only_a_coordinator_approves() -> None:
    ana = awaiting_approval()

    assert ana.happens(Approved(BO, 1, 1)) == (Answer(BO, Truth.NOTHING_TO_APPROVE),)


def test_an_old_approval_does_not_answer_a_new_question() -> None:
    ana = awaiting_approval()
    ana.passes(minutes(30 + 30 + 30 + 30))
    assert ana.incident.round == 2
    assert ana.incident.approval_asked

    assert ana.happens(Approved(COORDINATOR, 1, 1)) == (Answer(COORDINATOR, Truth.NOTHING_TO_APPROVE),)


def test_a_hold_does_not_put_off_the_question_and_the_tier_only_once() -> None:
    ana = missed(CONTACTS, PARTNERS)

    for _ in range(30):
        ana.happens(TookIt(BO))
        ana.happens(Reported(BO))
        ana.passes(minutes(5))

    assert ana.called_at(DARA) == [MONDAY + minutes(30) + minutes(30) + ana.plan.longest_delay]


# Who has it


def test_on_it_gives_it_to_one_person_and_tells_the_others() -> None:
    ana = panic()
    until = MONDAY + minutes(15)

    assert ana.happens(TookIt(BO)) == (
        Answer(BO, Truth.YOU_HAVE_IT, BO, MONDAY, until),
        TellHeld(BO, until, (COORDINATOR,)),
    )
    assert ana.happens(TookIt(COORDINATOR)) == (Answer(COORDINATOR, Truth.OTHER_HAS_IT, BO, MONDAY, until),)


def test_while_somebody_has_it_nobody_is_called_again() -> None:
    ana = missed()
    ana.happens(TookIt(BO))

    assert ana.passes(minutes(14)) == ()


def test_a_hold_that_goes_quiet_lapses_and_everybody_is_called_again() -> None:
    ana = missed()
    ana.passes(minutes(30))
    ana.happens(TookIt(BO))

    heard = ana.passes(minutes(15))

    assert heard == (
        TellLapsed(BO),
        Ask(0, "contacts", Role.CONTACT, ((BO, 5),), held=False),
        Ask(1, "colleagues", Role.COLLEAGUE, ((CLEO, 2),), held=False),
    )


def test_on_it_works_twice_in_a_row_and_then_wants_news() -> None:
    ana = missed()

    ana.happens(TookIt(BO))
    ana.passes(minutes(10))
    again = ana.happens(TookIt(BO))
    third = ana.happens(TookIt(BO))

    assert again == (Answer(BO, Truth.YOU_HAVE_IT, BO, MONDAY, MONDAY + minutes(25)),)
    assert third == (Answer(BO, Truth.NEWS_FIRST, BO, MONDAY, MONDAY + minutes(25)),)
    ana.happens(Reported(BO))
    assert ana.happens(TookIt(BO))[0] == Answer(BO, Truth.YOU_HAVE_IT, BO, MONDAY, MONDAY + minutes(25))


def test_a_hold_delays_the_next_tier_and_says_so_when_it_comes() -> None:
    ana = panic()
    ana.passes(minutes(4))

    for _ in range(20):
        ana.happens(TookIt(BO))
        ana.happens(Reported(BO))
        ana.passes(minutes(3))

    assert ana.called_at(CLEO)[0] == MONDAY + minutes(5) + ana.plan.longest_delay
    assert Ask(2, "colleagues", Role.COLLEAGUE, ((CLEO, 1),), held=True) in [effect for _, effect in ana.heard]


def test_several_who_take_turns_delay_it_no_longer() -> None:
    ana = panic()

    for number in range(20):
        ana.happens(TookIt((BO, COORDINATOR)[number % 2]))
        ana.passes(minutes(15))

    assert ana.called_at(CLEO)[0] <= MONDAY + minutes(5) + ana.plan.longest_delay


def test_who_gives_it_back_has_the_others_called_at_once() -> None:
    ana = missed()
    ana.passes(minutes(30))
    ana.happens(TookIt(BO))
    ana.passes(minutes(6))

    assert ana.happens(Declined(BO)) == (
        Answer(BO, Truth.GIVEN_BACK),
        Ask(1, "colleagues", Role.COLLEAGUE, ((CLEO, 2),), held=False),
    )


def test_who_alone_could_answer_and_gives_it_back_has_the_next_tier_called_at_once() -> None:
    ana = missed()
    ana.happens(TookIt(BO))

    assert callees(ana.happens(Declined(BO))) == [CLEO]


@pytest.mark.parametrize("first", [missed, panic])
def test_what_somebody_held_who_is_out_of_reach_goes_back_to_everybody_at_once(first: Callable[..., Call]) -> None:
    ana = first(CONTACTS, COLLEAGUES)
    ana.happens(TookIt(BO))
    ana.passes(minutes(2))

    called = callees(ana.happens(OutOfReach(BO)))

    assert ana.incident.phase is Phase.CALLING
    assert CLEO in called
    assert BO not in called


def test_seen_changes_nothing() -> None:
    ana = panic()
    before = ana.incident

    assert ana.happens(Saw(BO)) == (Answer(BO, Truth.NOTED_SEEN),)
    assert ana.incident == before


def test_news_goes_to_the_others() -> None:
    ana = panic()
    ana.happens(TookIt(BO))

    assert ana.happens(Reported(BO))[1] == PassOn(News.REPORT, (COORDINATOR,), BO)


# How it ends


def test_the_first_tier_alone_closes_a_miss_that_went_no_further() -> None:
    ana = missed()

    assert ana.happens(Closed(BO, Outcome.SAFE)) == (
        Answer(BO, Truth.CLOSED),
        AllClear(Outcome.SAFE, (BO,), (BO,)),
    )
    assert ana.passes(minutes(600)) == ()


@pytest.mark.parametrize("kind", [Kind.PANIC, Kind.DURESS])
def test_a_panic_takes_two_to_close(kind: Kind) -> None:
    ana = Call(three_tiers(PANIC), kind)

    proposed = ana.happens(Closed(BO, Outcome.SAFE))
    assert proposed == (Answer(BO, Truth.SECOND_NEEDED), AskSecond(1, BO, Outcome.SAFE, (COORDINATOR,)))
    assert ana.happens(Confirmed(BO, 1)) == (Answer(BO, Truth.SECOND_MUST_BE_OTHER),)
    assert ana.happens(Closed(BO, Outcome.SAFE)) == (Answer(BO, Truth.SECOND_MUST_BE_OTHER),)

    assert ana.happens(Confirmed(COORDINATOR, 1)) == (
        Answer(COORDINATOR, Truth.CLOSED),
        AllClear(Outcome.SAFE, (BO, COORDINATOR), (BO, COORDINATOR)),
    )


@pytest.mark.parametrize("kind", [Kind.PANIC, Kind.DURESS])
def test_a_panic_takes_two_even_before_anybody_else_is_called(kind: Kind) -> None:
    ana = Call(three_tiers(replace(PANIC, overseers=())), kind)

    assert ana.happens(Closed(BO, Outcome.SAFE))[0] == Answer(BO, Truth.SECOND_NEEDED)
    assert ana.incident.phase is Phase.CALLING


def test_beyond_the_first_tier_a_miss_takes_two() -> None:
    ana = missed()
    ana.passes(minutes(30))

    assert ana.happens(Closed(BO, Outcome.SAFE))[0] == Answer(BO, Truth.SECOND_NEEDED)
    ana.happens(Closed(CLEO, Outcome.SAFE))
    assert ana.incident.phase is Phase.CLOSED


def test_a_proposal_stops_no_clock() -> None:
    ana = panic()
    ana.happens(Closed(BO, Outcome.SAFE))

    ana.passes(minutes(10))

    assert first_called(ana) == {BO: 0, COORDINATOR: 0, CLEO: 5, DARA: 10}


def test_an_old_button_does_not_agree_to_a_new_proposal() -> None:
    ana = panic()
    ana.happens(Closed(BO, Outcome.SAFE))
    ana.happens(Closed(COORDINATOR, Outcome.CONFIRMED))

    assert ana.happens(Confirmed(BO, 1)) == (Answer(BO, Truth.PROPOSAL_GONE),)
    assert ana.happens(Confirmed(BO, 2))[0] == Answer(BO, Truth.CLOSED)
    assert ana.incident.outcome is Outcome.CONFIRMED


def test_a_dispute_takes_the_proposal_away_and_tells_the_others() -> None:
    ana = panic()
    ana.happens(Closed(BO, Outcome.SAFE))

    assert ana.happens(Disputed(COORDINATOR, 1)) == (
        Answer(COORDINATOR, Truth.NOTED_DISPUTE),
        TellDisputed(COORDINATOR, (BO,)),
    )
    assert ana.happens(Confirmed(COORDINATOR, 1)) == (Answer(COORDINATOR, Truth.PROPOSAL_GONE),)


def test_a_drill_is_closed_by_one() -> None:
    ana = Call(three_tiers(PANIC), Kind.DRILL)

    ana.happens(Closed(BO, Outcome.SAFE))

    assert ana.incident.phase is Phase.CLOSED


def test_everyone_who_was_alarmed_is_told_how_it_ended() -> None:
    ana = panic()
    ana.passes(minutes(10))
    ana.happens(Closed(BO, Outcome.FALSE_ALARM))

    assert ana.happens(Confirmed(DARA, 1))[1] == AllClear(
        Outcome.FALSE_ALARM, (BO, DARA), (BO, COORDINATOR, CLEO, DARA)
    )


@pytest.mark.parametrize(
    "press", [TookIt(MAX), Declined(MAX), Saw(MAX), Reported(MAX), Closed(MAX, Outcome.SAFE), Confirmed(MAX, 1)]
)
def test_a_stranger_changes_nothing(press: Event) -> None:
    ana = missed()
    before = ana.incident

    assert ana.happens(press) == (Answer(MAX, Truth.NOT_CALLED),)
    assert ana.incident == before


def test_after_the_end_every_press_is_told_so_and_nothing_else_is_said() -> None:
    ana = missed()
    ana.happens(Closed(BO, Outcome.SAFE))

    assert ana.happens(TookIt(BO)) == (Answer(BO, Truth.CLOSED),)
    assert ana.happens(DefenderCalledAgain()) == ()


# What comes from Ana


def test_a_check_in_ends_a_miss_that_only_the_first_tier_knows_of() -> None:
    ana = missed()

    assert ana.happens(DefenderCheckedIn()) == (AllClear(Outcome.SAFE, (), (BO,)),)
    assert ana.incident.phase is Phase.CLOSED


@pytest.mark.parametrize("plan", [three_tiers(MISSED)])
def test_later_a_check_in_is_news_to_whoever_has_it(plan: Plan) -> None:
    held, wide = Call(plan, Kind.MISSED), Call(plan, Kind.MISSED)
    held.happens(TookIt(BO))
    wide.passes(minutes(30))

    assert held.happens(DefenderCheckedIn()) == (PassOn(News.CHECKED_IN, (BO,)),)
    assert wide.happens(DefenderCheckedIn()) == (PassOn(News.CHECKED_IN, (BO, CLEO)),)


@pytest.mark.parametrize("kind", [Kind.PANIC, Kind.DURESS, Kind.DRILL])
def test_a_check_in_ends_nothing_else(kind: Kind) -> None:
    ana = Call(three_tiers(PANIC), kind)

    assert ana.happens(DefenderCheckedIn()) == (PassOn(News.CHECKED_IN, (BO, COORDINATOR)),)
    assert ana.incident.phase is Phase.CALLING


@pytest.mark.parametrize("kind", Kind)
def test_a_forced_check_in_closes_nothing_and_is_passed_on_as_forced(kind: Kind) -> None:
    ana = Call(three_tiers(PANIC), kind)

    assert ana.happens(DefenderCheckedIn(forced=True)) == (PassOn(News.FORCED, (BO, COORDINATOR)),)
    assert ana.incident.phase is Phase.CALLING


def test_pressing_panic_twice_does_not_begin_again() -> None:
    ana = panic()
    ana.passes(minutes(5))
    calls = ana.incident.calls

    assert ana.happens(DefenderCalledAgain()) == (PassOn(News.CALLED_AGAIN, (BO, COORDINATOR, CLEO)),)
    assert [ana.happens(DefenderCalledAgain()) for _ in range(2)][1] == ()
    assert ana.incident.calls == calls


def test_what_ana_sends_goes_to_all_who_were_alarmed() -> None:
    ana = panic()

    assert ana.happens(DefenderSent()) == (PassOn(News.SENT, (BO, COORDINATOR)),)
    assert ana.happens(DefenderStillSilent()) == (PassOn(News.STILL_SILENT, (BO, COORDINATOR)),)


def test_ana_falls_silent_bo_cannot_cleo_takes_it_and_dara_agrees() -> None:
    ana = missed()
    ana.passes(minutes(10))

    assert callees(ana.happens(Declined(BO))) == [CLEO]
    ana.happens(TookIt(CLEO))
    ana.passes(minutes(12))
    ana.happens(Reported(CLEO))
    ana.passes(minutes(15))
    assert ana.called_at(DARA) == []

    ana.happens(TookIt(CLEO))
    ana.passes(minutes(5))
    ana.happens(Closed(CLEO, Outcome.SAFE))
    ana.passes(minutes(55))

    assert ana.called_at(DARA) != []
    assert ana.happens(Confirmed(DARA, 1))[-1] == AllClear(Outcome.SAFE, (CLEO, DARA), (BO, CLEO, DARA, COORDINATOR))


def test_who_becomes_a_coordinator_is_called_for_what_is_open_and_may_close_it_with_another() -> None:
    nobody = replace(three_tiers(PANIC), coordinators=(), steps=())
    ana = Call(nobody, Kind.PANIC)

    assert ana.happens(CoordinatorJoined(BO)) == (TellEndOfChain(1, ((BO, 1),)),)
    assert ana.happens(CoordinatorJoined(BO)) == ()
    ana.happens(Closed(BO, Outcome.SAFE))
    ana.happens(CoordinatorJoined(CLEO))
    ana.happens(Confirmed(CLEO, 1))

    assert ana.incident.outcome is Outcome.SAFE
