"""The messenger's thirty messages a second are of one bot: two bots say twice as much."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest

from engine.pace import Limits
from engine.urgency import Urgency
from rehearsal import RehearsalClock, Stage
from store import addresses, deliveries, people
from store.database import Tx
from store.records import Address, NewDelivery
from tests.keys import KEYRING
from tests.stories.test_several_bots import CALLING, FIRST, OTHER, SECOND, WITHIN, Town

pytestmark = pytest.mark.real_time

PEOPLE = 400
PERMITTED = 30  # messages a second for one bot
SECONDS = 4


async def test_two_bots_use_what_each_of_them_is_allowed_and_not_more(tmp_path: Path) -> None:
    folder, clock = tmp_path / "data", RehearsalClock()
    folder.mkdir(mode=0o700)
    KEYRING.save(folder / "keys")
    async with Stage(clock, limits=True) as stage:
        town = Town(stage, clock, folder, f"sqlite:///{folder / 'tocsin.sqlite'}", limits=Limits())
        for token, name in ((FIRST, "one"), (SECOND, "two"), (CALLING, "three"), (OTHER, "four")):
            town.bots[token] = stage.add_bot(token, f"{name}_bot", name)
        pair = (town.bots[FIRST], town.bots[SECOND])
        phones = [stage.add_phone(f"Defender {number}") for number in range(PEOPLE)]
        for number, phone in enumerate(phones):
            stage.messenger.begin(pair[number % 2], phone.person).started = True

        def have_everybody_told(tx: Tx) -> None:
            for number, phone in enumerate(phones):
                person = people.add_defender(tx, phone.name, language="en", zone="UTC", profile="low", chain="default")
                people.change_defender(tx, person, state="active", consented_at=tx.now)
                bot = 1003 if number % 2 else None
                way = addresses.add(tx, person, "defender", "telegram", str(phone.id), verified=True, bot=bot)
                deliveries.put(tx, notice(tx, way))

        async with town.running() as service:
            await service.store.run(have_everybody_told)
            service.engine.changed()
            async with asyncio.timeout(WITHIN):
                while min(bot.last_message_id for bot in pair) < PERMITTED:  # noqa: ASYNC110 - the stage tells nobody
                    await asyncio.sleep(0.01)
            before, began = [bot.last_message_id for bot in pair], time.monotonic()
            async with asyncio.timeout(WITHIN):
                while min(bot.last_message_id for bot in pair) < PERMITTED * (1 + SECONDS):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            took = time.monotonic() - began
            said = [bot.last_message_id - one for bot, one in zip(pair, before, strict=True)]

        assert all(0.93 * PERMITTED <= one / took <= 1.03 * PERMITTED for one in said), (said, took)
        assert sum(said) / took > 1.86 * PERMITTED
        assert stage.limits.refused == 0


def notice(tx: Tx, way: Address) -> NewDelivery:
    return NewDelivery(
        person=way.person,
        side=way.side,
        channel=way.channel,
        address_id=way.id,
        operation="send",
        template="defender.noted",
        words={},
        urgency=Urgency.NOTICE,
        alarm=False,
        incident=None,
        tier=None,
        round=0,
        message_id=None,
        not_before=tx.now,
        expires_at=tx.now + timedelta(hours=2),
        dedupe=None,
    )
