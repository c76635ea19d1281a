"""From a ladder and a chain to the plan that an incident takes with it."""

from dataclasses import replace

import pytest

from escalation.ladder import Chain, ChainRefused, Ladder, Tier, plan
from escalation.people import Role
from tests.heart.cast import (
    BO,
    CLEO,
    COLLEAGUES,
    CONTACTS,
    COORDINATOR,
    DARA,
    LAWYERS,
    MISSED,
    ON_DUTY,
    PANIC,
    minutes,
    three_tiers,
)

PARTNERS = Tier("partners", Role.PARTNER, (DARA,), approval=True)


def test_steps_come_in_the_order_in_which_they_are_called() -> None:
    steps = three_tiers(PANIC).steps

    assert [(step.tier, step.after) for step in steps] == [
        ("contacts", minutes(0)),
        ("coordinator", minutes(0)),
        ("colleagues", minutes(5)),
        ("lawyers", minutes(10)),
        ("lead", minutes(60)),
        ("director", minutes(90)),
    ]


def test_a_chain_that_is_longer_than_its_ladder_loses_nobody() -> None:
    steps = plan(Ladder(tiers=(minutes(0), minutes(30))), Chain((CONTACTS, COLLEAGUES, LAWYERS)), ()).steps

    assert [(step.people, step.after) for step in steps] == [
        ((BO,), minutes(0)),
        ((CLEO,), minutes(30)),
        ((DARA,), minutes(30)),
    ]


def test_a_ladder_that_is_longer_than_its_chain_calls_nobody_more() -> None:
    assert [step.tier for step in plan(MISSED, Chain((CONTACTS,)), ON_DUTY).steps] == ["contacts"]


def test_the_coordinators_are_those_on_duty_each_of_them_once() -> None:
    twice = plan(PANIC, Chain((CONTACTS,)), (*ON_DUTY, *ON_DUTY))

    assert twice.coordinators == (COORDINATOR,)
    assert twice == plan(PANIC, Chain((CONTACTS,)), ON_DUTY)


def test_a_ladder_without_time_for_it_asks_nobodys_approval() -> None:
    chain = Chain((CONTACTS, PARTNERS))

    asking = plan(MISSED, chain, ON_DUTY)
    hurrying = plan(replace(MISSED, approval_within=minutes(0)), chain, ON_DUTY)

    assert [step.approval for step in asking.steps] == [False, True]
    assert [step.approval for step in hurrying.steps] == [False, False]


@pytest.mark.parametrize("tiers", [(), (replace(CONTACTS, people=()), COLLEAGUES)])
def test_a_chain_that_asks_nobody_first_is_refused_with_a_sentence(tiers: tuple[Tier, ...]) -> None:
    with pytest.raises(ChainRefused, match=r"add a person there.*\.$"):
        Chain(tiers).check()


def test_a_chain_with_somebody_in_its_first_tier_is_good() -> None:
    Chain((CONTACTS, replace(COLLEAGUES, people=()))).check()
