"""After we were away, we read what was sent meanwhile, and ask before we alarm."""

from datetime import time, timedelta
from pathlib import Path

from tests.world import World


async def test_after_three_hours_of_standing_still_only_the_silent_one_is_asked_and_then_escalated(
    world: World,
) -> None:
    for name in ("Ana", "Max"):
        await world.defender(name, times=(time(9, 0),))
    await world.responder("Bo", of="Ana")
    await world.responder("Cleo", of="Max")
    ana, max_ = world.phones["Ana"], world.phones["Max"]
    await world.close_service()
    ana.type(world.defenders_bot, "maple")
    await world.open_service_after(hours=3)

    assert [message.text for message in ana.read(world.defenders_bot)] == ["Noted."]
    await max_.expect(world.defenders_bot, "offline for a while")
    world.silence()
    await world.later(minutes=9)
    max_.read(world.defenders_bot)
    world.silence()
    await world.later(minutes=2)
    await world.phones["Cleo"].expect(world.responders_bot, "NO SIGN OF LIFE: Max")


async def test_a_short_restart_asks_nobody_anything(world: World) -> None:
    await world.defender("Ana", times=(time(9, 0),))
    await world.responder("Bo")

    await world.close_service()
    await world.open_service_after(minutes=5)

    world.silence()


async def test_a_messenger_that_was_out_of_reach_for_hours_causes_no_false_alarm(tmp_path: Path) -> None:
    async with World(tmp_path, deaf_after=1.5) as world:
        await world.defender("Ana", times=(time(9, 0),))
        await world.responder("Bo")
        ana = world.phones["Ana"]
        await world.become_deaf()
        ana.type(world.defenders_bot, "maple")
        world.clock.advance(timedelta(hours=3))

        world.stage.go_on()
        await world.settle()

        assert [message.text for message in ana.read(world.defenders_bot)] == ["Noted."]
        world.silence()


async def test_being_started_twice_after_an_outage_makes_no_silence_of_it(world: World) -> None:
    await world.defender("Ana", times=(time(9, 0),))
    await world.responder("Bo")
    await world.close_service()
    mute = world.stage.faults.fail(world.defenders_bot, 502, method="getUpdates")
    world.clock.advance(timedelta(hours=3))
    await world.open_service(ready=False)
    await world.until(lambda: mute.hits > 0)

    await world.close_service()
    mute.end()
    await world.open_service()
    await world.settle()

    await world.phones["Ana"].expect(world.defenders_bot, "offline for a while")


async def test_a_restart_does_not_forget_that_we_could_not_hear(tmp_path: Path) -> None:
    async with World(tmp_path, deaf_after=1.5) as world:
        await world.defender("Ana", times=(time(9, 0),))
        await world.responder("Bo")
        await world.become_deaf()
        world.clock.advance(timedelta(hours=3))

        await world.close_service()
        world.stage.go_on()
        await world.open_service()
        await world.settle()

        await world.phones["Ana"].expect(world.defenders_bot, "offline for a while")
        world.silence()


async def test_a_responders_bot_that_cannot_be_asked_puts_off_no_missed_check_in(tmp_path: Path) -> None:
    async with World(tmp_path, deaf_after=1.5) as world:
        await world.defender("Ana", times=(time(9, 0),))
        await world.responder("Bo")
        mute = world.stage.faults.fail(world.responders_bot, 502, method="getUpdates")
        await world.until(lambda: mute.hits >= 3)

        world.clock.advance(timedelta(hours=2))

        await world.phones["Bo"].expect(world.responders_bot, "NO SIGN OF LIFE: Ana")
        await world.settle()
        world.phones["Ana"].read(world.defenders_bot)
        world.silence()


async def test_two_signs_of_yesterday_that_are_read_today_do_not_cover_today(world: World) -> None:
    ana = await world.defender("Ana", times=(time(9, 0),))
    await world.responder("Bo")
    await world.close_service()
    world.clock.advance(timedelta(hours=1))
    ana.type(world.defenders_bot, "maple")
    ana.type(world.defenders_bot, "maple")

    await world.open_service_after(hours=23)
    await world.later(hours=2)

    await world.phones["Bo"].expect(world.responders_bot, "NO SIGN OF LIFE: Ana")
    await world.settle()
    ana.read(world.defenders_bot)
