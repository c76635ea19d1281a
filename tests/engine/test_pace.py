"""We speak as fast as the messenger allows, and first alerts always find room."""

from hypothesis import given
from hypothesis import strategies as st

from engine.pace import SLACK, Limits, Pace


def ordinary(pace: Pace, now: float) -> bool:
    if not pace.budget(now, first_alert=False):
        return False
    pace.spend(now, first_alert=False)
    return True


def test_ordinary_messages_use_all_but_a_hair_of_what_is_allowed() -> None:
    pace = Pace(Limits(a_second=30))

    sent = sum(ordinary(pace, step / 1000) for step in range(10_000))

    assert 0.97 * 300 <= sent <= 300


def test_a_first_alert_finds_room_within_a_twentieth_of_a_second_of_a_busy_bot() -> None:
    pace = Pace(Limits(a_second=30))
    for step in range(2000):
        ordinary(pace, step / 1000)

    waited = next(step for step in range(1000) if pace.budget(2 + step / 1000, first_alert=True))

    assert waited <= 50


@given(st.lists(st.tuples(st.floats(0.001, 0.5), st.booleans()), min_size=50, max_size=300))
def test_no_second_sees_more_than_is_allowed_and_a_little_slack(steps: list[tuple[float, bool]]) -> None:
    pace, now, sent = Pace(Limits(a_second=30)), 0.0, []

    for gap, first_alert in steps:
        now += gap
        for _ in range(pace.budget(now, first_alert=first_alert)):
            pace.spend(now, first_alert=first_alert)
            sent.append(now)

    for start in sent:
        assert sum(1 for at in sent if start <= at < start + 1) <= 30 + SLACK


def test_one_chat_hears_one_message_a_second() -> None:
    pace = Pace(Limits())

    waits = [pace.reserve_chat("ana", 0.0, first_alert=False) for _ in range(3)]

    assert waits == [0.0, 1.0, 2.0]
    assert pace.reserve_chat("bo", 0.0, first_alert=False) == 0.0


def test_a_first_alert_does_not_wait_for_its_chat() -> None:
    pace = Pace(Limits())
    pace.reserve_chat("bo", 0.0, first_alert=False)

    assert pace.reserve_chat("bo", 0.0, first_alert=True) == 0.0


def test_a_pause_that_the_messenger_asks_for_is_kept_by_everyone() -> None:
    pace = Pace(Limits())

    pace.told_to_wait("bo", 3.0, 10.0, whole_bot=True)

    assert pace.budget(12.9, first_alert=True) == 0
    assert pace.wait(11.0) == 2.0
    assert pace.budget(13.1, first_alert=True) > 0


def test_without_limits_nothing_waits() -> None:
    pace = Pace(Limits(a_second=None))

    assert pace.budget(0.0, first_alert=False) > 100_000
    assert pace.reserve_chat("bo", 0.0, first_alert=False) == pace.reserve_chat("bo", 0.0, first_alert=False) == 0.0


@given(st.integers(1, 6))
def test_several_workers_together_use_what_one_may_and_no_more(workers: int) -> None:
    paces = [Pace(Limits(a_second=30)) for _ in range(workers)]
    for pace in paces:
        pace.share(workers)

    sent = [step / 1000 for step in range(20_000) for pace in paces if ordinary(pace, step / 1000)]

    assert 0.97 * 600 <= len(sent) <= 600
    assert max(sum(1 for at in sent if start <= at < start + 1) for start in sent[::7]) <= 30 + SLACK


def test_who_is_left_alone_has_the_whole_pace_again() -> None:
    pace = Pace(Limits(a_second=30))
    pace.share(3)
    third = sum(ordinary(pace, step / 1000) for step in range(3000))

    pace.share(1)

    assert third <= 33
    assert sum(ordinary(pace, step / 1000) for step in range(3000, 13_000)) >= 0.97 * 300
