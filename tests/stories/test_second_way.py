"""A person is reached by whichever channel works, and nobody is waited for whom none reaches."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from engine.letter import Letter, PermanentFailure, Receipt
from escalation.people import Role
from store import addresses, people
from store.database import Tx
from tests.world import World

pytestmark = pytest.mark.real_time


@dataclass
class Mail:
    """A channel that notes what it takes, and may refuse everything for good."""

    refuses: PermanentFailure | None = None
    taken: list[tuple[str, Letter]] = field(default_factory=list)

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        if self.refuses is not None:
            raise self.refuses
        self.taken.append((address, letter))
        return Receipt(str(letter.key))

    async def expect(self, address: str, within: float) -> Letter:
        """Wait for the first letter to an address."""
        async with asyncio.timeout(within):
            while not (found := [letter for to, letter in self.taken if to == address]):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        return found[0]


async def team(world: World) -> None:
    await world.defender("Ana", watched=False)
    await world.responder("Bo")
    await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
    await world.responder("Dara", Role.COORDINATOR, tier=None)


async def cleo_is_called_at_once(world: World) -> None:
    began = time.monotonic()
    world.phones["Ana"].type(world.defenders_bot, "sos")
    await world.phones["Cleo"].expect(world.responders_bot, "CALL FOR HELP", within=2.0)
    assert time.monotonic() - began < 2.0
    await world.settle()
    world.phones["Dara"].read(world.responders_bot)
    world.phones["Ana"].read(world.defenders_bot)


@pytest.mark.parametrize("besides_chat", [True, False], ids=["the chat is blocked too", "there is no chat"])
async def test_an_address_that_no_lane_serves_is_passed_at_once(world: World, besides_chat: bool) -> None:
    await team(world)
    await world.mailbox("Bo", besides_chat=besides_chat)
    world.phones["Bo"].block(world.responders_bot)

    await cleo_is_called_at_once(world)


@pytest.mark.parametrize("dead", [True, False], ids=["dead mailbox", "refused letter"])
async def test_who_is_refused_by_both_channels_is_passed_at_once(tmp_path: Path, dead: bool) -> None:
    mail = Mail(PermanentFailure("refused", address_is_dead=dead))
    async with World(tmp_path, more_channels={"responder:mail": mail}) as world:
        await team(world)
        await world.mailbox("Bo")
        bad = world.stage.faults.fail(world.responders_bot, 400, chat=world.phones["Bo"], method="sendMessage")

        await cleo_is_called_at_once(world)

        assert bad.hits


async def test_a_call_that_one_incident_cannot_bring_passes_nobody_over_in_another(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        await team(world)
        await world.defender("Max", watched=False)
        await world.responder("Ed", of="Max")
        await world.store.run(lambda tx: people.place_in_tier(tx, world.ids["Max"], "contacts", world.ids["Bo"]))
        max_, bo = world.phones["Max"], world.phones["Bo"]
        max_.type(world.defenders_bot, "sos")
        await bo.expect(world.responders_bot, "CALL FOR HELP: Max")
        world.stage.faults.fail(world.responders_bot, 400, chat=bo, method="sendMessage", times=1)
        world.phones["Ana"].type(world.defenders_bot, "sos")
        await world.settle()

        bo.read(world.responders_bot)
        await world.later(minutes=2)

        await bo.expect(world.responders_bot, "Max")


async def test_while_the_messenger_fails_an_alarm_goes_by_mail_too_and_says_so(tmp_path: Path) -> None:
    mail = Mail()
    async with World(tmp_path, more_channels={"responder:mail": mail}) as world:
        await team(world)
        await world.mailbox("Bo")
        failing = world.stage.faults.fail(world.responders_bot, 502, chat=world.phones["Bo"], method="sendMessage")
        world.phones["Ana"].type(world.defenders_bot, "sos")
        await world.until(lambda: failing.hits > 0)
        assert not mail.taken

        for _ in range(4):
            world.clock.advance(timedelta(seconds=10))
            world.engine.changed()
            await asyncio.sleep(0.1)

        letter = await mail.expect("bo@example.org", within=2.0)
        assert letter.template == "responder.alarm"
        assert letter.maybe_repeat
        failing.end()
        await world.later(minutes=2)
        assert "repeat" in world.phones["Bo"].read(world.responders_bot)[0].text


async def test_a_chat_that_moved_to_where_somebody_else_is_is_passed_at_once(world: World) -> None:
    await team(world)
    bo, dara = world.phones["Bo"], world.phones["Dara"]
    moved = world.stage.migrate(world.responders_bot, bo.id)

    def give_to_dara(tx: Tx) -> None:
        addresses.add(tx, world.ids["Dara"], "responder", "telegram", str(moved), verified=True)

    await world.store.run(give_to_dara)

    world.phones["Ana"].type(world.defenders_bot, "sos")

    await world.phones["Cleo"].expect(world.responders_bot, "CALL FOR HELP", within=2.0)
    await world.settle()
    for phone in (bo, dara):
        phone.read(world.responders_bot)
    world.phones["Ana"].read(world.defenders_bot)
