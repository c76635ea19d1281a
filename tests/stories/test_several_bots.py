"""Two bots on each side: people are spread over them, any of them hears a call, and each is somebody's way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from config.ladders import load_ladders
from config.settings import load_settings
from engine.pace import Limits
from engine.planning import Book
from escalation.people import Role
from rehearsal import BotAccount, Phone, RehearsalClock, Stage
from store import addresses, bots, deliveries, people
from store.database import Tx
from store.records import Address
from tests.databases import KINDS, fresh_database
from tests.keys import KEYRING
from tocsin.service import Service, open_service
from tocsin.serving import run_until

FIRST, SECOND = "1001:" + "d" * 35, "1003:" + "e" * 35
CALLING, OTHER = "1002:" + "r" * 35, "1004:" + "s" * 35
WITHIN = 20.0  # real seconds; a loaded machine imports the bot libraries slowly


@dataclass
class Town:
    """A messenger with four bots, and one database for whatever runs on it."""

    stage: Stage
    clock: RehearsalClock
    folder: Path
    url: str
    limits: Limits = field(default_factory=lambda: Limits(a_second=None))
    bots: dict[str, BotAccount] = field(default_factory=dict)
    ids: dict[str, UUID] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)

    @asynccontextmanager
    async def running(
        self, defenders: Sequence[str] = (FIRST, SECOND), responders: Sequence[str] = (CALLING, OTHER)
    ) -> AsyncIterator[Service]:
        """A service with these bots, until the block ends."""
        environ = {
            "TOCSIN_DATA": str(self.folder),
            "TOCSIN_DATABASE": self.url,
            "TOCSIN_DEFENDER_BOT_TOKEN": " ".join(defenders),
            "TOCSIN_RESPONDER_BOT_TOKEN": ",".join(responders),
            "TOCSIN_TELEGRAM_API": self.stage.url,
            "TOCSIN_LISTEN": "127.0.0.1:0",
        }
        ladders, stop = load_ladders(), asyncio.Event()
        limits = dict.fromkeys(("defender:telegram", "responder:telegram"), self.limits)
        settings, book = load_settings(environ, self.folder), Book(ladders.profiles, ladders.chains)
        async with open_service(settings, book, self.clock, limits, long_poll=1) as service:
            run = asyncio.create_task(run_until(service, stop))
            try:
                async with asyncio.timeout(WITHIN):
                    await service.engine.ready.wait()
                yield service
            finally:
                stop.set()
                await run

    async def enrol(self, service: Service, name: str, side: str, role: Role = Role.CONTACT) -> Phone:
        """Somebody who has agreed, and has begun the first bot of their side."""
        phone = self.phones[name] = self.stage.add_phone(name)

        def enrolled(tx: Tx) -> UUID:
            person: UUID
            if side == "defender":
                person = people.add_defender(tx, name, language="en", zone="UTC", profile="low", chain="default")
                people.change_defender(tx, person, state="active", consented_at=tx.now)
            else:
                person = people.add_responder(tx, name, role, language="en")
                people.change_responder(tx, person, state="active", consented_at=tx.now)
                if role is Role.CONTACT:
                    people.place_in_tier(tx, self.ids["Ana"], "contacts", person)
            addresses.add(tx, person, side, "telegram", str(phone.id), verified=True)
            return person

        self.ids[name] = await service.store.run(enrolled)
        first = self.bots[FIRST if side == "defender" else CALLING]
        phone.start(first)
        await phone.expect(first, "", within=WITHIN)
        await asyncio.sleep(0.2)
        phone.read(first)
        return phone

    async def way(self, service: Service, name: str) -> Address | None:
        """Where somebody is reached now."""
        return next(iter(await service.store.read(lambda tx: addresses.of_person(tx, self.ids[name]))), None)


@pytest.fixture(params=KINDS)
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    """A messenger, and a database in which nobody is yet."""
    folder, clock = tmp_path / "data", RehearsalClock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
    folder.mkdir(mode=0o700)
    KEYRING.save(folder / "keys")
    async with fresh_database(request.param, folder, migrated=True) as url, Stage(clock, limits=False) as stage:
        town = Town(stage, clock, folder, url)
        for token, name in ((FIRST, "one"), (SECOND, "two"), (CALLING, "three"), (OTHER, "four")):
            town.bots[token] = stage.add_bot(token, f"{name}_bot", name)
        yield town


async def test_a_call_at_either_bot_is_one_and_its_message_goes_from_the_chat_that_it_came_to(town: Town) -> None:
    one, two, calling = town.bots[FIRST], town.bots[SECOND], town.bots[CALLING]
    async with town.running() as service:
        ana, bo = await town.enrol(service, "Ana", "defender"), await town.enrol(service, "Bo", "responder")
        ana.start(two)
        await ana.expect(two, "", within=WITHIN)

        ana.type(two, "sos")

        await bo.expect(calling, "CALL FOR HELP", within=WITHIN)
        await until(lambda: not any(said.text == "sos" and not said.deleted for said in ana.chat(two)))
        way = await town.way(service, "Ana")
        ana.type(one, "sos")
        await bo.expect(calling, "once more", within=WITHIN)
        back = await town.way(service, "Ana")

    assert (way and way.bot, back and back.bot) == (1003, None)
    assert not [said for said in ana.chat(one) if said.text == "sos" and not said.deleted]


async def test_who_writes_to_another_bot_is_called_there_and_by_the_earlier_one_once_they_block_it(town: Town) -> None:
    one, calling, other = town.bots[FIRST], town.bots[CALLING], town.bots[OTHER]
    async with town.running() as service:
        ana, bo = await town.enrol(service, "Ana", "defender"), await town.enrol(service, "Bo", "responder")
        bo.start(other)
        await bo.expect(other, "", within=WITHIN)
        bo.read(other)

        ana.type(one, "sos")
        await bo.expect(other, "CALL FOR HELP", within=WITHIN)
        bo.press(other, "Seen")
        await until(lambda: bool(bo.answers(other)))
        assert not bo.unheard(calling)

        bo.block(other)
        ana.type(one, "sos")
        await bo.expect(calling, "once more", within=WITHIN)
        way = await town.way(service, "Bo")

    assert way is not None
    assert way.bot is None


async def test_whose_bot_is_taken_away_is_reached_by_another_or_told_of_once_and_again_when_it_is_back(
    town: Town,
) -> None:
    calling, other = town.bots[CALLING], town.bots[OTHER]
    async with town.running() as service:
        await town.enrol(service, "Ana", "defender")
        bo = await town.enrol(service, "Bo", "responder")
        cleo = await town.enrol(service, "Cleo", "responder")
        dara = await town.enrol(service, "Dara", "responder", Role.COORDINATOR)
        for phone in (bo, cleo):
            phone.start(other)
            await phone.expect(other, "", within=WITHIN)
        cleo.block(calling)
        await service.store.run(lambda tx: tx.connection.exec_driver_sql("DELETE FROM begun").close())
        bo.start(calling)
        await bo.expect(calling, "", within=WITHIN)
        bo.type(other, "/help")
        await until_async(lambda: reached_by(service, town, "Bo", 1004))

    async with town.running(responders=(CALLING,)) as service:
        await dara.expect(calling, "One of our bots is not set up any more", within=WITHIN)
        assert "1" in dara.heard(calling)[-1].text
        gone, moved = await town.way(service, "Cleo"), await town.way(service, "Bo")
    async with town.running(responders=(CALLING,)) as service:
        pass
    async with town.running(responders=(OTHER, CALLING)) as service:
        await until_async(lambda: reached_by(service, town, "Cleo", 1004))

    assert gone is None
    assert moved is not None
    assert moved.bot is None
    assert len([said for said in dara.heard(calling) if "bots" in said.text]) == 1


async def test_a_file_is_fetched_by_the_bot_that_it_came_to(town: Town) -> None:
    two, calling = town.bots[SECOND], town.bots[CALLING]
    async with town.running() as service:
        ana, bo = await town.enrol(service, "Ana", "defender"), await town.enrol(service, "Bo", "responder")
        ana.start(two)
        await ana.expect(two, "", within=WITHIN)
        ana.type(two, "sos")
        await bo.expect(calling, "CALL FOR HELP", within=WITHIN)

        ana.photo(two, b"a picture of the street")

        await until(lambda: any(said.file and said.data == b"a picture of the street" for said in bo.heard(calling)))


async def test_what_stands_in_the_chats_with_either_bot_is_swept(town: Town) -> None:
    one, two = town.bots[FIRST], town.bots[SECOND]
    async with town.running() as service:
        ana = await town.enrol(service, "Ana", "defender")
        ana.start(two)
        await ana.expect(two, "", within=WITHIN)
        before = ["/start" in standing(ana, bot) for bot in (one, two)]

        for _ in range(3):
            town.clock.advance(timedelta(hours=6))
            await asyncio.sleep(0.5)
        await until(lambda: not any("/start" in standing(ana, bot) for bot in (one, two)))

    assert before == [True, True]


async def test_names_stay_with_the_bot_whatever_the_order_of_the_tokens(town: Town) -> None:
    async with town.running() as service:
        before = sorted(lane.name for lane in service.engine.lanes)
    async with town.running((SECOND, FIRST), (OTHER, CALLING)) as service:
        after = sorted(lane.name for lane in service.engine.lanes)
        names = await service.store.read(lambda tx: (bots.here(tx, "defender"), bots.here(tx, "responder")))
        waits = await service.store.read(deliveries.pending_counts)

    assert before == after
    assert [set(some) for some in names] == [{None, 1003}, {None, 1004}]
    assert waits == {}


def standing(phone: Phone, bot: BotAccount) -> set[str]:
    """What was said in this chat and is still there."""
    return {said.text for said in phone.chat(bot) if not said.deleted}


async def reached_by(service: Service, town: Town, name: str, bot: int | None) -> bool:
    way = await town.way(service, name)
    return way is not None and way.bot == bot


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is so that nobody tells a test about."""

    async def now() -> bool:
        return true()

    await until_async(now)


async def until_async(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN):
        while not await true():  # noqa: ASYNC110 - the stage tells nobody
            await asyncio.sleep(0.05)
