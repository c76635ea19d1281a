"""Silence raises the alarm, step by step, and a human being ends it."""

from datetime import time

from escalation.people import Role
from tests.world import World


async def team(world: World) -> None:
    await world.defender("Ana", times=(time(9, 0),))
    await world.responder("Bo", tier="contacts")
    await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
    await world.responder("Dara", Role.COORDINATOR, tier=None)


async def fall_silent(world: World) -> None:
    """Let Ana's check-in of nine o'clock pass, and everything that was sent to her with it."""
    for minutes in (1, 50, 10, 10, 10, 10):
        await world.later(minutes=minutes)
    world.phones["Ana"].read(world.defenders_bot)


async def test_the_defender_is_reminded_before_anybody_is_asked(world: World) -> None:
    await team(world)
    ana = world.phones["Ana"]

    for minutes in (1, 50, 10, 10):  # 08:01, 08:51, 09:01, 09:11
        await world.later(minutes=minutes)

    assert len(ana.read(world.defenders_bot)) == 3


async def test_the_safe_word_in_time_keeps_everybody_asleep(world: World) -> None:
    await team(world)
    ana = world.phones["Ana"]
    await world.later(minutes=45)

    ana.type(world.defenders_bot, "Maple")
    await world.settle()
    ana.read(world.defenders_bot)

    await world.later(hours=10)
    world.silence()


async def test_a_wrong_word_is_answered_like_a_right_one_and_counts_as_nothing(world: World) -> None:
    await team(world)
    ana = world.phones["Ana"]
    await world.later(minutes=55)
    ana.read(world.defenders_bot)
    before = len(ana.transcript(world.defenders_bot))
    ana.type(world.defenders_bot, "maple")
    await world.settle()
    right = ana.transcript(world.defenders_bot)[before:]
    await world.later(hours=23)
    ana.read(world.defenders_bot)
    before = len(ana.transcript(world.defenders_bot))

    ana.type(world.defenders_bot, "walnut")
    await world.settle()
    wrong = ana.transcript(world.defenders_bot)[before:]
    ana.read(world.defenders_bot)

    assert [(call.method, call.said) for call in wrong] == [(call.method, call.said) for call in right]
    assert right
    await world.later(minutes=96)
    ana.read(world.defenders_bot)
    await world.phones["Bo"].expect(world.responders_bot, "NO SIGN OF LIFE")
    await world.phones["Bo"].expect(world.responders_bot, "walnut")


async def test_ana_falls_silent_bo_cannot_cleo_takes_it_and_dara_confirms(world: World) -> None:
    await team(world)
    bo, cleo, dara = (world.phones[name] for name in ("Bo", "Cleo", "Dara"))
    await fall_silent(world)

    await bo.expect(world.responders_bot, "NO SIGN OF LIFE")
    bo.press(world.responders_bot, "Cannot")
    await cleo.expect(world.responders_bot, "NO SIGN OF LIFE")
    cleo.press(world.responders_bot, "On it")
    await bo.expect(world.responders_bot, "Cleo has it")
    cleo.press(world.responders_bot, "Close")
    await world.settle()
    cleo.press(world.responders_bot, "Safe")
    await dara.expect(world.responders_bot, "Do you agree?")
    await bo.expect(world.responders_bot, "Do you agree?")
    dara.press(world.responders_bot, "Yes, close it")
    await world.settle()

    for phone in (bo, cleo, dara):
        await phone.expect(world.responders_bot, "All clear")
    await world.later(hours=2)


async def test_a_late_check_in_ends_it_while_only_the_first_tier_was_asked(world: World) -> None:
    await team(world)
    ana, bo = world.phones["Ana"], world.phones["Bo"]
    await fall_silent(world)
    await bo.expect(world.responders_bot, "NO SIGN OF LIFE")

    ana.type(world.defenders_bot, "maple")
    await world.settle()
    ana.read(world.defenders_bot)
    await world.later(seconds=1)

    await bo.expect(world.responders_bot, "All clear")
    await world.later(hours=5)


async def test_a_hold_that_goes_quiet_lapses_and_everybody_is_called_again(world: World) -> None:
    await team(world)
    bo, cleo = world.phones["Bo"], world.phones["Cleo"]
    await fall_silent(world)
    await bo.expect(world.responders_bot, "NO SIGN OF LIFE")
    bo.press(world.responders_bot, "On it")
    await world.settle()

    await world.later(minutes=16)

    await bo.expect(world.responders_bot, "did not hear from you")
    await bo.expect(world.responders_bot, "repeat 2")
    await world.later(minutes=15)
    await cleo.expect(world.responders_bot, "NO SIGN OF LIFE")
    bo.read(world.responders_bot)
    await world.settle()
    bo.read(world.responders_bot)


async def test_an_incident_in_full_course_goes_on_after_a_restart(world: World) -> None:
    await team(world)
    bo, cleo = world.phones["Bo"], world.phones["Cleo"]
    await fall_silent(world)
    await bo.expect(world.responders_bot, "NO SIGN OF LIFE")

    await world.restart()
    await world.later(minutes=31)

    await cleo.expect(world.responders_bot, "NO SIGN OF LIFE")
    bo.read(world.responders_bot)
