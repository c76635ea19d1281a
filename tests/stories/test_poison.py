"""No unreadable update stands between a call for help and the people it is for."""

import time

import pytest
from sqlalchemy import update

from escalation.people import Role
from store import addresses, inbox
from store.database import Tx
from store.tables.keys import DATA_KEY
from store.tables.messages import INBOX
from tests.world import World


async def team(world: World) -> None:
    for name in ("Ana", "Max"):
        await world.defender(name, watched=False)
    await world.responder("Bo", of="Ana")
    await world.responder("Cleo", of="Max")
    await world.responder("Dara", Role.COORDINATOR, tier=None)


@pytest.mark.real_time
async def test_panic_poison_panic_in_one_batch_alarms_both_first_tiers_within_two_seconds(world: World) -> None:
    await team(world)
    ana, max_, bo, cleo, dara = (world.phones[name] for name in ("Ana", "Max", "Bo", "Cleo", "Dara"))
    world.stage.stand_still()
    ana.type(world.defenders_bot, "sos")
    world.stage.forwarded_from_hidden_user(ana, world.defenders_bot)
    world.stage.raw_update(world.defenders_bot, {"novelty_of_next_year": {"who": "knows"}})
    world.stage.raw_bytes(world.defenders_bot, b'{"update_id": 9, "message": {"text": "\xff')
    max_.type(world.defenders_bot, "Auxilio")
    began = time.monotonic()
    world.stage.go_on()

    await bo.expect(world.responders_bot, "CALL FOR HELP: Ana", within=2.0)
    await cleo.expect(world.responders_bot, "CALL FOR HELP: Max", within=2.0)

    assert time.monotonic() - began < 2.0
    await world.settle()
    assert world.stage.waiting(world.defenders_bot) == 0
    assert (await world.store.run(inbox.counts))["aside"] >= 2
    for phone in (ana, max_):
        phone.read(world.defenders_bot)
    heard = [message.text for message in dara.read(world.responders_bot)]
    assert sum("CALL FOR HELP" in text for text in heard) == 2


async def test_a_call_for_help_that_the_library_cannot_decode_is_one_all_the_same(world: World) -> None:
    await team(world)
    ana = world.phones["Ana"]
    message = {
        "message_id": 77,
        "date": 1,
        "chat": {"id": ana.id, "type": "private", "first_name": "Ana"},
        "from": {"id": ana.id, "is_bot": False, "first_name": "Ana"},
        "text": "SOS!",
        "forward_origin": {"type": "hidden_user", "date": 1},
    }

    world.stage.raw_update(world.defenders_bot, {"message": message})

    await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP: Ana")
    await world.settle()
    world.phones["Dara"].read(world.responders_bot)
    ana.read(world.defenders_bot)


NO_ATTACHMENTS = {
    "sqlite": "CREATE TRIGGER no_attachments BEFORE INSERT ON attachment BEGIN SELECT RAISE(ABORT, 'full'); END",
    "postgresql": "ALTER TABLE attachment ADD CONSTRAINT no_attachments CHECK (tells_place)",
}


async def test_a_call_whose_words_cannot_be_kept_is_one_all_the_same(world: World) -> None:
    await team(world)

    def refuse_attachments(tx: Tx) -> None:
        tx.connection.exec_driver_sql(NO_ATTACHMENTS[tx.connection.dialect.name])

    await world.store.run(refuse_attachments)

    world.phones["Ana"].type(world.defenders_bot, "/panic they are at the door")

    await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP: Ana")
    await world.settle()
    world.phones["Dara"].read(world.responders_bot)
    world.phones["Ana"].read(world.defenders_bot)


@pytest.mark.parametrize("date", [-1, 0, 2**39, 2**63, 10**30, "yesterday", None])
async def test_a_date_that_is_none_stops_nobody(world: World, date: object) -> None:
    await team(world)
    ana = world.phones["Ana"]
    chat = {"id": ana.id, "type": "private", "first_name": "Ana"}
    message = {"message_id": 77, "date": date, "chat": chat, "from": {**chat, "is_bot": False}, "text": "sos"}
    world.stage.raw_update(world.defenders_bot, {"message": message})
    ana.type(world.defenders_bot, "and here I am")

    await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP: Ana")
    await world.phones["Bo"].expect(world.responders_bot, "and here I am")
    await world.settle()
    world.phones["Dara"].read(world.responders_bot)
    ana.read(world.defenders_bot)


async def test_an_update_given_twice_calls_once(world: World) -> None:
    await team(world)
    ana, bo = world.phones["Ana"], world.phones["Bo"]
    world.stage.faults.twice(world.defenders_bot)

    ana.type(world.defenders_bot, "sos")
    await world.settle()

    assert len(bo.read(world.responders_bot)) == 1
    world.phones["Dara"].read(world.responders_bot)
    ana.read(world.defenders_bot)


async def test_what_is_written_in_a_group_leaves_no_row_and_is_not_answered(world: World) -> None:
    await team(world)
    rows = await world.store.run(inbox.counts)
    group = {"id": -100123, "type": "supergroup", "title": "Friends"}
    for bot in (world.defenders_bot, world.responders_bot):
        for sender in (world.phones["Ana"].id, 987654):
            person = {"id": sender, "is_bot": False, "first_name": "Max"}
            message = {"message_id": 3, "date": 1, "chat": group, "from": person, "text": "/start hello"}
            world.stage.raw_update(bot, {"message": message})
            world.stage.raw_update(bot, {"my_chat_member": {"date": 1, "chat": group, "from": person}})
        world.stage.raw_update(
            bot, {"channel_post": {"message_id": 3, "date": 1, "chat": {**group, "type": "channel"}}}
        )

    await world.settle()

    assert await world.store.run(inbox.counts) == rows


async def test_a_stranger_gets_one_constant_reply_and_leaves_no_row(world: World) -> None:
    await team(world)
    rows = sum((await world.store.run(inbox.counts)).values())
    stranger = world.stage.add_phone("Nobody")

    for text in ("", "hello", "SOS", "/panic", "abc-def"):
        stranger.start(world.defenders_bot, text)
    stranger.type(world.defenders_bot, "sos")
    await world.settle()

    assert len({message.text for message in stranger.read(world.defenders_bot)}) == 1
    assert sum((await world.store.run(inbox.counts)).values()) == rows


async def test_a_call_for_help_whose_seal_is_broken_is_one_all_the_same(world: World) -> None:
    await team(world)

    def keep_and_spoil(tx: Tx) -> None:
        whose = addresses.blind(tx, "defender", "telegram", str(world.phones["Ana"].id))
        inbox.keep(tx, "defenders", 10**6, whose, b'{"update_id": 1000000}', urgent=True)
        tx.connection.execute(update(INBOX).where(INBOX.c.update_id == 10**6).values(raw=bytes(2000)))

    await world.store.run(keep_and_spoil)
    await world.restart()

    await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP: Ana")
    await world.settle()
    for name in ("Ana", "Dara"):
        world.phones[name].read(world.defenders_bot if name == "Ana" else world.responders_bot)


async def test_a_defender_whose_data_key_is_spoiled_keeps_nobody_else_from_being_heard(world: World) -> None:
    await team(world)

    def spoil(tx: Tx) -> None:
        with tx.vault.data_keys.changing(tx.connection) as own:
            own.execute(update(DATA_KEY).where(DATA_KEY.c.subject == world.ids["Ana"]).values(wrapped=bytes(64)))

    await world.store.run(spoil)
    await world.restart()
    world.phones["Ana"].type(world.defenders_bot, "a word")
    world.phones["Ana"].type(world.defenders_bot, "sos")
    world.phones["Max"].type(world.defenders_bot, "sos")

    await world.phones["Cleo"].expect(world.responders_bot, "CALL FOR HELP: Max")
    await world.settle(within=60)
    for phone in world.phones.values():
        phone.read(world.defenders_bot)
        phone.read(world.responders_bot)
