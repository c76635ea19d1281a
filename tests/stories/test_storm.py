"""Ten thousand check-ins fall due in the same minute, and a call for help still comes through at once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import time as wall
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection

from engine.pace import Limits
from escalation import watch as watch_machine
from escalation.people import WatchId
from escalation.routine import Daily
from rehearsal.phone import Phone
from store import addresses, people, watches
from store.data_keys import DataKeys
from store.database import Tx
from store.vault import Vault
from tests.world import UNLIMITED, World

pytestmark = [pytest.mark.slow, pytest.mark.real_time]

CROWD = 10_000
PERMITTED = 30  # messages a second for one bot


@dataclass(frozen=True, slots=True)
class Together(DataKeys):
    """Data keys in their file, all committed by one commit."""

    own: Connection | None = None

    @contextmanager
    def changing(self, connection: Connection | None) -> Iterator[Connection]:
        """Where to write keys."""
        assert self.own is not None
        yield self.own

    def find(self, connection: Connection, subject: UUID) -> bytes | None:
        """The wrapped data key of a person."""
        assert self.own is not None
        return DataKeys.find(DataKeys(), self.own, subject)


@contextmanager
def one_commit_for_all_keys(tx: Tx) -> Iterator[Tx]:
    """Ten thousand commits, one for each person, would take minutes of waiting for the disk."""
    writing = tx.vault.data_keys.writing
    assert writing is not None
    with writing.begin() as own:
        yield replace(tx, vault=Vault(tx.vault.keyring, Together(own=own)))


async def crowd(world: World) -> list[Phone]:
    """Ten thousand defenders who are all due at nine, without a reminder before."""
    phones = [world.stage.add_phone(f"Defender {number}") for number in range(CROWD)]
    for phone in phones:
        world.stage.messenger.begin(world.defenders_bot, phone.person).started = True
    pace = world.book.profile("low").pace
    routine = Daily((wall(9, 0),), "UTC")

    def enrol(in_turn: Tx) -> None:
        with one_commit_for_all_keys(in_turn) as tx:
            for phone in phones:
                person = people.add_defender(tx, phone.name, language="en", zone="UTC", profile="low", chain="default")
                addresses.add(tx, person, "defender", "telegram", str(phone.id), verified=True)
                people.change_defender(tx, person, state="active", times=routine.times, consented_at=tx.now)
                watches.save(tx, watch_machine.begin(WatchId(uuid4()), person, routine, pace, tx.now))

    await world.store.run(enrol)
    world.engine.changed()
    return phones


def reminded(world: World, phones: list[Phone]) -> int:
    return sum(len(phone.heard(world.defenders_bot)) for phone in phones)


async def test_every_reminder_goes_out_once_and_a_panic_in_the_middle_is_heard_within_a_second(
    tmp_path: Path,
) -> None:
    async with World(tmp_path) as world:
        await world.defender("Ana", watched=False)
        await world.responder("Bo")
        phones = await crowd(world)
        world.clock.advance(timedelta(hours=1, seconds=1))
        said = world.defenders_bot.last_message_id
        await world.until(lambda: world.defenders_bot.last_message_id > said + 200, within=20)

        began = time.monotonic()
        world.phones["Ana"].type(world.defenders_bot, "sos")
        await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP", within=1.0)

        assert time.monotonic() - began < 1.0
        assert reminded(world, phones) < CROWD, "the storm was over before the call for help"
        await world.settle(within=120)
        assert [len(phone.heard(world.defenders_bot)) for phone in phones] == [1] * CROWD


async def test_under_the_messengers_limits_the_storm_uses_what_is_allowed_and_not_more(tmp_path: Path) -> None:
    limits = {"defender:telegram": Limits(), "responder:telegram": UNLIMITED}
    async with World(tmp_path, limits=limits, stage_limits=True) as world:
        await world.defender("Ana", watched=False)
        await world.responder("Bo")
        await crowd(world)
        world.clock.advance(timedelta(hours=1, seconds=1))
        said = world.defenders_bot.last_message_id
        await world.until(lambda: world.defenders_bot.last_message_id > said + PERMITTED, within=20)

        first, began = world.defenders_bot.last_message_id, time.monotonic()
        await world.until(lambda: world.defenders_bot.last_message_id >= first + 8 * PERMITTED, within=20)
        seconds, sent = time.monotonic() - began, world.defenders_bot.last_message_id - first
        world.phones["Ana"].type(world.defenders_bot, "sos")
        pressed = time.monotonic()
        await world.phones["Bo"].expect(world.responders_bot, "CALL FOR HELP", within=1.0)

        assert time.monotonic() - pressed < 1.0
        assert 0.93 * PERMITTED <= sent / seconds <= 1.02 * PERMITTED
        assert world.stage.limits.refused == 0
