"""What is said to a second press of one button, and by a link in a mail: nothing changes by either."""

import pytest

from escalation.answers import Answer, Truth
from escalation.incident_state import wakes_at
from escalation.incident_words import Closed, Confirmed, Declined, News, Outcome, PassOn, TookIt, WroteByMail
from escalation.standing import how_it_stands

from .cast import BO, CLEO, COORDINATOR, MAX, PANIC, Call, minutes, three_tiers


def panic() -> Call:
    """Ana has called for help; Bo and Cleo were called, and nobody has it."""
    ana = Call(three_tiers(PANIC))
    ana.passes(minutes(6))
    return ana


def stands(ana: Call, by: object) -> Answer:
    return how_it_stands(ana.incident, by, ana.now)  # type: ignore[arg-type]


def test_while_nobody_has_it_a_second_press_says_only_that_it_was_one() -> None:
    assert stands(panic(), BO) == Answer(BO, Truth.PRESSED_BEFORE)


def test_while_somebody_has_it_both_are_told_who_and_until_when() -> None:
    ana = panic()
    ana.happens(TookIt(BO))
    since, until = ana.now, ana.now + PANIC.hold_for

    assert stands(ana, BO) == Answer(BO, Truth.YOU_HAVE_IT, BO, since, until)
    assert stands(ana, CLEO) == Answer(CLEO, Truth.OTHER_HAS_IT, BO, since, until)
    ana.now = until
    assert stands(ana, BO) == Answer(BO, Truth.PRESSED_BEFORE)


def test_whoever_said_how_it_ended_is_told_that_a_second_is_needed() -> None:
    ana = panic()
    ana.happens(Closed(BO, Outcome.SAFE))

    assert stands(ana, BO) == Answer(BO, Truth.SECOND_NEEDED)
    assert stands(ana, CLEO) == Answer(CLEO, Truth.PRESSED_BEFORE)


def test_when_it_is_over_everybody_is_told_so() -> None:
    ana = panic()
    ana.happens(Closed(BO, Outcome.SAFE))
    ana.happens(Confirmed(CLEO, 1))

    assert [stands(ana, one).truth for one in (BO, CLEO, MAX)] == [Truth.CLOSED] * 3


def test_whoever_was_not_called_is_told_nothing_else() -> None:
    ana = panic()
    ana.happens(TookIt(BO))

    assert stands(ana, MAX) == Answer(MAX, Truth.NOT_CALLED)
    assert stands(ana, COORDINATOR).truth is Truth.OTHER_HAS_IT


@pytest.mark.parametrize(("cannot", "news"), [(False, News.SEEN_BY_MAIL), (True, News.CANNOT_BY_MAIL)])
def test_what_a_mails_link_says_is_passed_on_and_changes_nothing(cannot: bool, news: News) -> None:
    ana = panic()
    ana.happens(TookIt(CLEO))
    before, wakes = ana.incident, wakes_at(ana.incident)

    orders = ana.happens(WroteByMail(BO, cannot))

    assert orders == (PassOn(news, (COORDINATOR, CLEO), BO),)
    assert (ana.incident, wakes_at(ana.incident)) == (before, wakes)


def test_by_a_mails_link_nobody_is_taken_out_of_the_calling() -> None:
    ana, other = panic(), panic()

    ana.happens(WroteByMail(BO, cannot=True))
    other.happens(Declined(BO))

    assert BO in {call.person for call in ana.incident.calls if call.can_answer}
    assert BO not in {call.person for call in other.incident.calls if call.can_answer}


def test_a_stranger_says_nothing_by_mail() -> None:
    ana = panic()

    assert ana.happens(WroteByMail(MAX, cannot=False)) == (Answer(MAX, Truth.NOT_CALLED),)
