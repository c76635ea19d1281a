"""The watch over ourselves, with real parts: a service on a stage, real HTTP, and somebody outside who listens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import time
from time import monotonic

import aiohttp
from aiohttp import web
from prometheus_client import generate_latest
from pydantic import SecretStr
from sqlalchemy import func, select

from engine.auditing import Code, Finding
from escalation.people import Role
from rehearsal import BotAccount, Phone
from store import addresses, incidents, people, trials
from store.database import Tx
from store.tables.messages import DELIVERY, INBOX
from tests.front.test_service import PATIENCE, TOKENS, Play, health, play, running
from tocsin.peers import watch_peer
from tocsin.proving import DOUBTED_AFTER, LASTS, Proof, Proofs
from tocsin.service import Service
from tocsin.web import Pages
from tocsin.wellbeing import give_signs_of_life

__all__ = ["play"]  # the fixture


async def until(true: Callable[[], object]) -> None:
    """Wait until something is so that nobody tells a test about."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def cancelled(task: "asyncio.Task[None]") -> None:
    """End a task that runs until it is."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@dataclass
class Outside:
    """Somebody outside: what they answer, and how often they were asked."""

    status: int = 200
    asked: int = 0
    url: str = field(default="", init=False)


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    """A page of somebody else's."""
    other = Outside()

    async def page(_: web.Request) -> web.Response:
        other.asked += 1
        return web.Response(status=other.status)

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", page)
    pages = Pages(app, "127.0.0.1", 0)
    await pages.open()
    other.url = pages.url
    yield other
    await pages.close()


def rota(play: Play) -> BotAccount:
    """The responders' bot."""
    return play.stage.messenger.bots[TOKENS[1]]


async def enrolled(play: Play, service: Service) -> Phone:
    """Max, a coordinator, who is told when something is wrong."""
    phone = play.stage.add_phone("Max")

    def enrol(tx: Tx) -> None:
        person = people.add_responder(tx, "Max", Role.COORDINATOR, language="en")
        people.change_responder(tx, person, state="active", consented_at=tx.now)
        addresses.add(tx, person, "responder", "telegram", str(phone.id), verified=True)

    await service.store.run(enrol)
    phone.start(rota(play))
    await phone.expect(rota(play), "", within=PATIENCE)
    phone.read(rota(play))
    return phone


def unwatched(tx: Tx) -> None:
    """Ana has agreed on times, and nothing waits for her: no program of ours leaves it so."""
    person = people.add_defender(tx, "Ana", language="en", zone="UTC", profile="low", chain="default")
    people.change_defender(tx, person, state="active", consented_at=tx.now, times=(time(9, 0),))


async def test_what_the_auditor_finds_twice_is_a_trouble_a_number_and_told_once_in_an_hour(play: Play) -> None:
    async with running(play) as service, aiohttp.ClientSession() as session:
        phone, auditor = await enrolled(play, service), service.watching.auditor
        assert await health(service.pages.url, 200) == []
        await service.store.run(unwatched)

        await auditor.look()
        assert auditor.troubles() == []
        await auditor.look()
        await auditor.look()

        assert await health(service.pages.url, 503) == ["the audit found: unwatched"]
        async with session.get(f"{service.pages.url}/metrics") as answer:
            assert 'tocsin_audit_findings{code="unwatched"} 1.0' in await answer.text()
        await phone.expect(rota(play), "found something that should not be", within=PATIENCE)
        assert not phone.unheard(rota(play))

        await service.store.run(lambda tx: people.change_defender(tx, people.defenders(tx)[0].id, times=()))
        await auditor.look()
        assert await health(service.pages.url, 200) == []


async def test_no_sign_of_life_leaves_while_the_auditor_finds_something(play: Play) -> None:
    async with outside() as other, running(play) as service:
        await health(service.pages.url, 200)
        await service.store.run(unwatched)
        signs = asyncio.create_task(give_signs_of_life(service.watching.wellbeing, SecretStr(other.url), every=0.01))
        await until(lambda: other.asked)

        await service.watching.auditor.look()
        await service.watching.auditor.look()
        await asyncio.sleep(0.1)  # a sign that is on its way arrives
        asked = other.asked
        await asyncio.sleep(0.1)

        assert other.asked == asked
        await cancelled(signs)


async def test_a_messenger_that_refuses_everything_is_in_doubt_and_one_that_answers_is_not(play: Play) -> None:
    async with running(play) as service:
        await health(service.pages.url, 200)
        lane = next(lane for lane in service.engine.lanes if lane.name == "responder:telegram")
        lane.taken_at = None
        long_ago = monotonic() - DOUBTED_AFTER - 1
        proof = Proof(lane, SecretStr(TOKENS[1]), answered_at=long_ago)
        proofs = Proofs({"responders": proof}, play.stage.url)
        fault = play.stage.faults.fail(rota(play), 401)

        asking = asyncio.create_task(proofs.run(every=0.01))
        await until(lambda: fault.hits > 2)
        assert proofs.troubles() == ["nothing shows that responders can be written to"]
        assert proofs.is_in_doubt("responders")

        play.stage.faults.clear()
        await until(lambda: not proofs.troubles())
        assert not proofs.is_in_doubt("responders")
        await cancelled(asking)


async def test_what_was_taken_is_proof_enough(play: Play) -> None:
    async with running(play) as service:
        await enrolled(play, service)
        lane = next(lane for lane in service.engine.lanes if lane.name == "responder:telegram")

        await until(lambda: lane.taken_at is not None)
        proof = Proof(lane, SecretStr(TOKENS[1]), answered_at=monotonic() - DOUBTED_AFTER - 1)

        assert proof.age() < LASTS
        assert not proof.is_needed()


async def test_who_watches_from_elsewhere_is_told_whether_and_not_what(play: Play) -> None:
    async with running(play) as service, aiohttp.ClientSession() as session:
        await health(service.pages.url, 200)
        answers = []
        for found in ((), (Finding(Code.NOBODY_CALLED),)):
            service.watching.auditor.found = found
            async with session.get(f"{service.pages.url}/well") as answer:
                answers.append((answer.status, await answer.read()))

    assert answers == [(200, b""), (503, b"")]


async def test_while_alarms_stand_a_check_in_is_told_of_another_way_and_then_no_more(play: Play) -> None:
    play.environ["TOCSIN_ELSEWHERE"] = "+47 22 00 00 00"
    ana = play.stage.add_phone("Ana")
    async with running(play) as service:
        await health(service.pages.url, 200)

        def enrol(tx: Tx) -> None:
            person = people.add_defender(tx, "Ana", language="en", zone="UTC", profile="low", chain="default")
            people.change_defender(tx, person, state="active", consented_at=tx.now)
            addresses.add(tx, person, "defender", "telegram", str(ana.id), verified=True)

        await service.store.run(enrol)
        ana.start(play.defenders)
        service.watching.auditor.found = (Finding(Code.ALARM_STANDS),)
        ana.type(play.defenders, "what a day")
        noted = await ana.expect(play.defenders, "Noted.", within=PATIENCE)
        service.watching.auditor.found = (Finding(Code.NOBODY_CALLED),)  # which is about an incident, and nobody's here
        ana.type(play.defenders, "what a day")
        again = await ana.expect(play.defenders, "Noted.", within=PATIENCE)

    assert noted.text == "Noted.\n\nIt may take longer here at the moment. You can also use: +47 22 00 00 00"
    assert again.text == "Noted."


async def test_a_trial_goes_the_whole_way_and_leaves_nothing(play: Play) -> None:
    ourselves = play.stage.add_phone("Nobody's")
    ourselves.start(rota(play))
    async with running(play) as service:
        await health(service.pages.url, 200)
        trying = service.watching.try_at(SecretStr(str(ourselves.id)), every=0.05)
        tidying = asyncio.create_task(trying.tidy())
        for _ in range(3):
            await asyncio.wait_for(trying.once(), PATIENCE)
        await until(lambda: len([one for one in ourselves.chat(rota(play)) if one.deleted]) == 3)
        await cancelled(tidying)

        def left(tx: Tx) -> tuple[int, int, int]:
            made_up = select(func.count()).where(INBOX.c.source == trials.SOURCE, INBOX.c.state != "done")
            kept = select(func.count()).where(DELIVERY.c.person == trials.OURSELVES)
            return (
                tx.connection.execute(made_up).scalar_one(),
                tx.connection.execute(kept).scalar_one(),
                len(people.responders(tx)) + len(incidents.recent(tx, 9)),
            )

        made_up, kept, seen = await service.store.read(left)
        numbers = generate_latest(service.engine.metrics.registry).decode()

    assert [one.text for one in ourselves.chat(rota(play)) if one.deleted] == ["A trial. It goes away by itself."] * 3
    assert not [one for one in ourselves.heard(rota(play)) if "trial" in one.text]
    assert (made_up, seen) == (0, 0)
    assert kept <= 2 + 2
    assert "tocsin_trial_seconds_count 3.0" in numbers
    assert 'tocsin_incidents_opened_total{kind="drill"}' not in numbers
    assert trying.troubles() == []


async def test_three_trials_in_a_row_that_nobody_takes_are_a_trouble_until_one_is_taken(play: Play) -> None:
    ourselves = play.stage.add_phone("Nobody's")
    ourselves.start(rota(play))
    async with running(play) as service:
        await health(service.pages.url, 200)
        trying = service.watching.try_at(SecretStr(str(ourselves.id)), every=0.05, in_time=0.3)
        play.stage.faults.fail(rota(play), 502, method="sendMessage")

        for _ in range(3):
            assert trying.troubles() == []
            await trying.once()
        assert trying.troubles() == ["trials are taken by nobody"]

        play.stage.faults.clear()
        trying.in_time = PATIENCE
        await trying.once()
        assert trying.troubles() == []


async def test_who_writes_from_the_chat_of_the_trials_is_a_stranger(play: Play) -> None:
    ourselves = play.stage.add_phone("Nobody's")
    ourselves.start(rota(play))
    async with running(play) as service:
        await health(service.pages.url, 200)
        await service.watching.try_at(SecretStr(str(ourselves.id)), every=0.05).once()

        found = await service.store.read(lambda tx: addresses.person_at(tx, "responder", "telegram", str(ourselves.id)))

    assert found is None


async def test_another_instance_that_falls_silent_is_told_once_and_so_is_its_coming_back(play: Play) -> None:
    async with outside() as other, running(play) as service:
        phone = await enrolled(play, service)
        await health(service.pages.url, 200)
        watching = asyncio.create_task(watch_peer(service.engine, SecretStr(other.url), every=0.01, told_after=0.1))
        await until(lambda: other.asked > 20)
        assert not phone.unheard(rota(play))

        other.status = 503
        await phone.expect(rota(play), "unwell or silent", within=PATIENCE)
        other.status = 200
        await phone.expect(rota(play), "is well again", within=PATIENCE)

        await cancelled(watching)
        assert not phone.unheard(rota(play))
