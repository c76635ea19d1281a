"""One word, and people are called until one of them has taken charge."""

import pytest

from escalation.people import Role
from tests.world import World


async def team(world: World) -> None:
    await world.defender("Ana", watched=False)
    await world.responder("Bo", tier="contacts")
    await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
    await world.responder("Dara", Role.COORDINATOR, tier=None)


async def test_a_panic_calls_the_first_tier_and_the_coordinator_at_once(world: World) -> None:
    await team(world)

    world.phones["Ana"].type(world.defenders_bot, "SOS")

    await world.phones["Bo"].expect(world.responders_bot, "Ana")
    await world.phones["Dara"].expect(world.responders_bot, "Ana")
    await world.settle()
    world.phones["Ana"].read(world.defenders_bot)


async def test_nobody_answers_so_people_are_added_and_every_repeat_is_numbered(world: World) -> None:
    await team(world)
    ana, bo, cleo, dara = (world.phones[name] for name in ("Ana", "Bo", "Cleo", "Dara"))
    ana.type(world.defenders_bot, "/panic")
    await world.settle()
    for phone in (ana,):
        phone.read(world.defenders_bot)
    bo.read(world.responders_bot)
    dara.read(world.responders_bot)

    await world.later(minutes=2)
    assert "2" in (await bo.expect(world.responders_bot, "epeat")).text
    await dara.expect(world.responders_bot, "epeat")
    world.silence()

    await world.later(minutes=3)
    await cleo.expect(world.responders_bot, "Ana")
    assert "3" in (await bo.expect(world.responders_bot, "epeat")).text
    await dara.expect(world.responders_bot, "epeat")


async def test_on_it_stops_the_calling_and_tells_the_others_who_has_it(world: World) -> None:
    await team(world)
    ana, bo, dara = (world.phones[name] for name in ("Ana", "Bo", "Dara"))
    ana.type(world.defenders_bot, "help")
    await bo.expect(world.responders_bot, "Ana")
    await dara.expect(world.responders_bot, "Ana")
    ana.read(world.defenders_bot)

    query = bo.press(world.responders_bot, "On it")

    answer = await bo.expect_answer(world.responders_bot, query)
    assert "08:15" in answer.text
    await dara.expect(world.responders_bot, "Bo")
    await world.settle()
    ana.read(world.defenders_bot)
    await world.later(minutes=4)


@pytest.mark.parametrize("words", ["sos", "Auxilio", "AU SECOURS", "нужна помощь", "النجدة", "Socorro!"])
async def test_the_word_counts_in_any_language(world: World, words: str) -> None:
    await team(world)

    world.phones["Ana"].type(world.defenders_bot, words)

    await world.phones["Bo"].expect(world.responders_bot, "Ana")
    await world.phones["Dara"].expect(world.responders_bot, "Ana")
    await world.settle()
    world.phones["Ana"].read(world.defenders_bot)


async def test_pressing_panic_twice_does_not_begin_again(world: World) -> None:
    await team(world)
    ana, bo, dara = (world.phones[name] for name in ("Ana", "Bo", "Dara"))

    ana.type(world.defenders_bot, "sos")
    ana.type(world.defenders_bot, "sos")

    await bo.expect(world.responders_bot, "Ana")
    await dara.expect(world.responders_bot, "Ana")
    await world.settle()
    ana.read(world.defenders_bot)
    assert sum("once more" in message.text for message in bo.read(world.responders_bot)) == 1
    dara.read(world.responders_bot)


async def test_a_check_in_does_not_end_a_panic(world: World) -> None:
    await team(world)
    ana, bo, dara = (world.phones[name] for name in ("Ana", "Bo", "Dara"))
    ana.type(world.defenders_bot, "sos")
    await world.settle()
    for phone, at in ((ana, world.defenders_bot), (bo, world.responders_bot), (dara, world.responders_bot)):
        phone.read(at)

    ana.type(world.defenders_bot, "maple")
    await world.settle()
    ana.read(world.defenders_bot)
    await world.later(seconds=1)
    await bo.expect(world.responders_bot, "right word")
    await dara.expect(world.responders_bot, "right word")
    await world.later(minutes=2)

    await bo.expect(world.responders_bot, "epeat")
    await dara.expect(world.responders_bot, "epeat")


async def test_closing_a_panic_takes_two_and_everybody_hears_how_it_ended(world: World) -> None:
    await team(world)
    ana, bo, dara = (world.phones[name] for name in ("Ana", "Bo", "Dara"))
    ana.type(world.defenders_bot, "sos")
    await bo.expect(world.responders_bot, "Ana")
    await dara.expect(world.responders_bot, "Ana")
    await world.settle()
    ana.read(world.defenders_bot)

    bo.press(world.responders_bot, "On it")
    await world.settle()
    dara.read(world.responders_bot)
    bo.press(world.responders_bot, "Close")
    await world.settle()
    bo.press(world.responders_bot, "Safe")
    await world.settle()
    await dara.expect(world.responders_bot, "Bo")
    dara.press(world.responders_bot, "Yes, close it")
    await world.settle()

    for phone in (bo, dara):
        assert any("safe" in message.text.lower() for message in phone.read(world.responders_bot))
    await world.later(hours=3)


async def test_who_is_called_later_gets_what_was_sent_before(world: World) -> None:
    await team(world)
    ana, bo, cleo, dara = (world.phones[name] for name in ("Ana", "Bo", "Cleo", "Dara"))
    ana.type(world.defenders_bot, "sos")
    await world.settle()
    ana.type(world.defenders_bot, "two cars outside")
    ana.share_place(world.defenders_bot, 4.6, -74.1)
    await world.settle()
    assert sum("two cars" in message.says for message in bo.read(world.responders_bot)) == 1

    bo.press(world.responders_bot, "Cannot")
    await world.settle()

    heard = cleo.read(world.responders_bot)
    assert any("CALL FOR HELP" in message.says for message in heard)
    assert sum("two cars" in message.says for message in heard) == 1
    assert any(message.place is not None for message in heard)
    assert not any("two cars" in message.says for message in bo.read(world.responders_bot) if not message.edited)
    for phone, at in ((ana, world.defenders_bot), (dara, world.responders_bot)):
        phone.read(at)
