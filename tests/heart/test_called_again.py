"""A defender who calls again and again is heard at once, and nobody's phone is filled with it."""

from escalation.incident_words import DefenderCalledAgain, DefenderCheckedIn, DefenderSent, Effect, PassOn, TookIt
from escalation.news import News
from tests.heart.cast import BO, COORDINATOR, MONDAY, PANIC, Call, called_by, minutes, three_tiers


def told(effects: tuple[Effect, ...]) -> list[PassOn]:
    """The news among what was ordered."""
    return [effect for effect in effects if isinstance(effect, PassOn)]


def test_the_first_two_things_are_told_at_once_and_two_more_ten_minutes_later() -> None:
    ana = Call(three_tiers(PANIC))
    ana.passes(minutes(0.2))

    assert ana.happens(DefenderCalledAgain()) == (PassOn(News.CALLED_AGAIN, (BO, COORDINATOR)),)
    assert ana.happens(DefenderSent()) == (PassOn(News.SENT, (BO, COORDINATOR)),)
    assert ana.happens(DefenderCheckedIn()) == ()

    ana.passes(minutes(10.1))
    assert [len(told(ana.happens(DefenderSent()))) for _ in range(3)] == [1, 1, 0]


def test_while_nobody_has_it_the_repeat_is_what_tells_of_more() -> None:
    ana = Call(three_tiers(PANIC))
    for _ in range(600):
        ana.happens(DefenderCalledAgain())
        ana.passes(minutes(1 / 60))

    to_bo = [when for when, effect in ana.heard if BO in dict(called_by(effect))]
    news = [when for when, effect in ana.heard if isinstance(effect, PassOn)]

    assert [(when - MONDAY) // minutes(2) for when in to_bo] == [0, 1, 2, 3, 4, 5]
    assert len(news) == 2
    assert len(to_bo) + len(news) <= 8


def test_what_comes_when_the_repeat_is_due_waits_for_its_bell() -> None:
    ana = Call(three_tiers(PANIC))
    for _ in range(3):
        ana.happens(DefenderCalledAgain())
    ana.now += minutes(2.1)  # the bell is late

    before = ana.happens(DefenderCalledAgain())
    rung = ana.passes(minutes(0))

    assert before == ()
    assert sum(BO in dict(called_by(effect)) for effect in rung) == 1
    assert not any(BO in effect.to for effect in told(rung))


def test_the_holder_hears_of_more_every_two_minutes_and_of_the_last_one_too() -> None:
    ana = Call(three_tiers(PANIC))
    ana.happens(TookIt(BO))
    heard = [told(ana.happens(DefenderCalledAgain())) for _ in range(2)]
    heard += [told((*ana.passes(minutes(0.5)), *ana.happens(DefenderCalledAgain()))) for _ in range(9)]

    last = told(ana.passes(minutes(5)))

    assert [len(one) for one in heard] == [1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0]
    assert last == [PassOn(News.CALLED_AGAIN, (BO, COORDINATOR))]


def test_what_weighs_most_is_told_where_several_things_wait() -> None:
    ana = Call(three_tiers(PANIC))
    ana.happens(TookIt(BO))
    for event in (DefenderSent(), DefenderSent(), DefenderCheckedIn(), DefenderSent()):
        ana.happens(event)

    assert ana.incident.untold is News.CHECKED_IN
    assert told(ana.passes(minutes(2))) == [PassOn(News.CHECKED_IN, (BO, COORDINATOR))]


def test_nothing_is_told_of_a_flood_to_its_holder_but_seven_times_in_ten_minutes() -> None:
    ana = Call(three_tiers(PANIC))
    ana.happens(TookIt(BO))
    for second in range(600):
        ana.happens((DefenderSent(), DefenderCheckedIn(), DefenderCalledAgain())[second % 3])
        ana.passes(minutes(1 / 60))

    assert len([effect for when, effect in ana.heard if isinstance(effect, PassOn) and when < MONDAY + minutes(10)]) < 8


def test_a_forced_check_in_is_told_each_time_whatever_else_waits() -> None:
    ana = Call(three_tiers(PANIC))
    for _ in range(5):
        ana.happens(DefenderSent())

    for _ in range(3):
        forced = ana.happens(DefenderCheckedIn(forced=True))
        assert forced == (PassOn(News.FORCED, (BO, COORDINATOR)),)


def test_what_was_not_told_when_somebody_took_it_is_told_soon_after() -> None:
    ana = Call(three_tiers(PANIC))
    ana.happens(DefenderCalledAgain())
    ana.happens(DefenderCalledAgain())
    ana.passes(minutes(1))
    ana.happens(DefenderCalledAgain())
    ana.happens(TookIt(BO))

    assert told(ana.passes(minutes(0.9))) == []
    assert told(ana.passes(minutes(0.2))) == [PassOn(News.CALLED_AGAIN, (BO, COORDINATOR))]
    assert told(ana.passes(minutes(1.8))) == []
