"""Whoever calls again and again is heard, and the phones of those who are called are not filled with it."""

from store import journal
from tests.world import World


async def texts_of_bo(world: World) -> str:
    """What Bo has not read yet."""
    await world.settle(within=60)
    return "\n".join(message.text for message in world.phones["Bo"].read(world.responders_bot))


async def called(world: World) -> None:
    """Ana has called for help, and Bo has heard it."""
    await world.defender("Ana", watched=False)
    await world.responder("Bo")
    world.phones["Ana"].type(world.defenders_bot, "sos")
    assert "CALL FOR HELP" in await texts_of_bo(world)


async def test_words_that_come_with_one_call_too_many_arrive_with_the_next_repeat(world: World) -> None:
    await called(world)
    ana = world.phones["Ana"]

    ana.type(world.defenders_bot, "/panic at the first gate")
    assert "at the first gate" in await texts_of_bo(world)
    for gate in ("second", "third"):
        await world.later(seconds=1)
        ana.type(world.defenders_bot, f"/panic at the {gate} gate")
    assert await texts_of_bo(world) == ""

    await world.later(minutes=2, seconds=1)
    assert "at the third gate" in await texts_of_bo(world)
    entries = await world.store.run(lambda tx: journal.newest(tx, 1_000))
    assert sum(entry.event == "defender_called_again" for entry in entries) == 3
    ana.read(world.defenders_bot)


async def test_forty_things_at_once_are_all_kept_and_two_are_passed_on(world: World) -> None:
    await called(world)
    ana, bo = world.phones["Ana"], world.phones["Bo"]

    for number in range(40):
        ana.type(world.defenders_bot, f"word {number}.")
        await world.settle()
    at_once = [message.text for message in bo.read(world.responders_bot) if not message.edited]

    assert [f"word {number}." in text for number, text in enumerate(at_once)] == [True, True]
    entries = await world.store.run(lambda tx: journal.newest(tx, 1_000))
    assert sum(entry.event == "defender_sent" for entry in entries) == 40
    ana.read(world.defenders_bot)


async def test_an_alarm_shows_the_newest_words_within_seconds_and_hands_out_the_rest_when_asked(world: World) -> None:
    await called(world)
    ana, bo = world.phones["Ana"], world.phones["Bo"]
    for number in range(4):
        await world.later(seconds=1)
        ana.type(world.defenders_bot, f"word {number}.")
        await world.settle()
    bo.read(world.responders_bot)

    await world.later(seconds=5)
    bo.press(world.responders_bot, "What came (4)")
    handed = await texts_of_bo(world)

    shown = [message.text for message in bo.chat(world.responders_bot) if "CALL FOR HELP" in message.text]
    assert ["word 3." in alarm for alarm in shown] == [True]
    assert [f"word {number}." in handed for number in range(4)] == [True] * 4
    ana.read(world.defenders_bot)
