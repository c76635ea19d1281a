"""The clock of a rehearsal runs as fast as it is told, and never back."""

from datetime import UTC, datetime, timedelta

import pytest

from rehearsal import RehearsalClock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_jump_moves_the_time_and_tells_who_waits() -> None:
    clock, told = RehearsalClock(NOON), []
    clock.on_change(lambda: told.append(clock.now()))

    clock.advance(timedelta(hours=3))

    assert timedelta(hours=3) <= clock.now() - NOON < timedelta(hours=3, seconds=5)
    assert len(told) == 1


def test_a_faster_clock_is_there_sooner() -> None:
    clock = RehearsalClock(NOON)
    due = NOON + timedelta(minutes=10)

    slow = clock.delay_until(due)
    clock.speed = 600

    assert 595 < slow <= 600
    assert 0.9 < clock.delay_until(due) <= 1.0
    assert clock.now() - NOON < timedelta(seconds=30)


@pytest.mark.parametrize("speed", [0, 0.5, 601, -1, float("nan")])
def test_a_speed_that_would_stop_or_blur_time_is_refused(speed: float) -> None:
    clock = RehearsalClock(NOON)

    with pytest.raises(ValueError, match="speed of a rehearsal"):
        clock.speed = speed

    assert clock.speed == 1


def test_time_never_goes_back() -> None:
    with pytest.raises(ValueError, match="forward only"):
        RehearsalClock(NOON).advance(timedelta(seconds=-1))


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        RehearsalClock(NOON.replace(tzinfo=None))
