"""Somebody's data key was altered: it is told that their call waits; all others are called, watched and swept."""

from datetime import timedelta

from escalation.people import Role
from store import people
from store.chat_messages import STANDS_FOR
from tests.store.test_altered_keys import alter_data_key
from tests.world import World

TROUBLE = "The service needs you"


async def test_an_altered_key_stops_nobody_else(world: World) -> None:
    for name in ("Ana", "Max"):
        await world.defender(name)
    await world.responder("Bo", of="Ana")
    await world.responder("Cleo", of="Max")
    await world.responder("Dara", Role.COORDINATOR, tier=None)
    bot = world.defenders_bot
    for name in ("Ana", "Max"):
        world.phones[name].type(bot, "good morning")
    await world.settle()
    ana = world.ids["Ana"]

    await world.store.run(lambda tx: alter_data_key(tx, ana))
    world.phones["Ana"].type(bot, "sos")
    await world.phones["Dara"].expect(world.responders_bot, TROUBLE)
    world.phones["Max"].type(bot, "sos")
    await world.phones["Cleo"].expect(world.responders_bot, "CALL FOR HELP: Max")
    await world.settle()
    await world.later(hours=STANDS_FOR.total_seconds() / 3600, minutes=20)
    await world.restart()
    await world.settle()

    assert not world.store.vault.is_locked
    assert [one.name for one in await world.store.read(people.defenders)] == ["?", "Max"]
    chat = world.stage.messenger.chat_of(bot, world.phones["Max"].person)
    assert chat is not None
    old = world.clock.now() - STANDS_FOR - timedelta(minutes=20)
    assert [post.text for post in chat.newest() if post.sent_at < old] == []
    for name, phone in world.phones.items():
        phone.read(bot if name in ("Ana", "Max") else world.responders_bot)
