"""kill -9 at every commit of intake, decision and delivery: no alarm is lost, and every repeat says that it is one."""

import asyncio
import multiprocessing
import shutil
import sqlite3
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from engine.clock import SystemClock
from escalation.people import Role
from rehearsal.accounts import BotAccount
from rehearsal.clock import RehearsalClock
from rehearsal.phone import Phone
from rehearsal.server import Stage
from store import addresses, people
from store.data_keys import path_beside
from store.database import Store, Tx
from tests.crashes.child import TOKENS, serve
from tests.keys import KEYRING

CALLED = ("Bo", "Cleo", "Dara")
MOST_COMMITS = 80  # a scenario that has more of them is not the one that this test walks through
PATIENCE = 20.0  # real seconds for one life of the service

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["tests.crashes.child"])


async def people_of(path: Path, phones: dict[str, Phone]) -> None:
    """A database in which Ana has Bo and Cleo as contacts, and Dara coordinates."""
    store = await Store.open(f"sqlite:///{path}", SystemClock().now, KEYRING)

    def enrol(tx: Tx) -> None:
        ana = people.add_defender(tx, "Ana", language="en", zone="UTC", profile="standard", chain="default")
        people.change_defender(tx, ana, state="active", consented_at=tx.now)
        addresses.add(tx, ana, "defender", "telegram", str(phones["Ana"].id), verified=True)
        for name in CALLED:
            role = Role.COORDINATOR if name == "Dara" else Role.CONTACT
            person = people.add_responder(tx, name, role, language="en")
            people.change_responder(tx, person, state="active", consented_at=tx.now)
            addresses.add(tx, person, "responder", "telegram", str(phones[name].id), verified=True)
            if role is Role.CONTACT:
                people.place_in_tier(tx, ana, "contacts", person)

    await store.run(enrol)
    await store.close()


class Life:
    """One process of the service, from its start to its death."""

    def __init__(self, api: str, database: Path, die_at: int, before: bool) -> None:
        args = (api, f"sqlite:///{database}", str(database.parent / "keys"), die_at, before)
        self.process: ForkServerProcess = forks.Process(target=serve, args=args, daemon=True)
        self.process.start()

    @property
    def is_over(self) -> bool:
        return not self.process.is_alive()

    def end(self) -> None:
        self.process.kill()
        self.process.join()


def pending(database: Path) -> int:
    """How many alarms are still to be sent or settled."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        query = "select count(*) from delivery where state in ('pending', 'sending') and alarm"
        return int(connection.execute(query).fetchone()[0])


def incidents(database: Path) -> int:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return int(connection.execute("select count(*) from incident").fetchone()[0])


async def everybody_knows(phones: dict[str, Phone], bot: BotAccount, database: Path, life: Life) -> bool:
    """Wait until everybody has the alarm and nothing is pending; False when the service died before."""
    for _ in range(int(PATIENCE / 0.02)):
        if life.is_over:
            return False
        if all(phones[name].heard(bot) for name in CALLED) and incidents(database) and not pending(database):
            return True
        await asyncio.sleep(0.02)
    raise AssertionError("The alarm did not go round: " + ", ".join(n for n in CALLED if not phones[n].heard(bot)))


@pytest.mark.parametrize("before", [True, False], ids=["before the commit", "after the commit"])
async def test_killed_at_every_commit_no_alarm_is_lost_and_repeats_are_marked(tmp_path: Path, before: bool) -> None:
    deaths, survived = 0, False
    for die_at in range(1, MOST_COMMITS):
        async with Stage(RehearsalClock(), limits=False) as stage:
            defenders = stage.add_bot(TOKENS["defenders"], "daybook_bot", "Daybook")
            responders = stage.add_bot(TOKENS["responders"], "rota_bot", "Rota")
            phones = {name: stage.add_phone(name) for name in ("Ana", *CALLED)}
            for name in CALLED:
                stage.messenger.begin(responders, phones[name].person).started = True
            stage.messenger.begin(defenders, phones["Ana"].person).started = True
            database = tmp_path / f"{die_at}.db"
            if die_at == 1:
                KEYRING.save(tmp_path / "keys")
                await people_of(tmp_path / "people.db", phones)
            shutil.copy(tmp_path / "people.db", database)
            shutil.copy(path_beside(tmp_path / "people.db"), path_beside(database))
            phones["Ana"].type(defenders, "sos")

            life = Life(stage.url, database, die_at, before)
            survived = await everybody_knows(phones, responders, database, life)
            life.end()
            if not survived:
                deaths += 1
                life = Life(stage.url, database, 0, before)
                assert await everybody_knows(phones, responders, database, life)
                life.end()

            assert incidents(database) == 1
            for name in CALLED:
                first, *repeats = [message.text for message in phones[name].chat(responders) if message.from_bot]
                assert "Ana" in first
                assert all("repeat" in text for text in repeats), (die_at, name, repeats)
            if survived:
                break

    assert survived, "the scenario never came to its end"
    assert deaths >= 8, "the scenario should have many commits to die at"
