"""Bars E3 and E5: the link in an alarm's mail changes nothing when looked at, and stops nothing when used."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from config.seen_page import load_seen_page
from config.texts import Texts
from engine.happenings import Happenings
from engine.metrics import Metrics
from engine.planning import Book
from escalation.incident_state import Incident, wakes_at
from escalation.incident_words import Kind
from escalation.people import ResponderId
from responders.mail_answers import MailAnswers
from responders.presses import Action, written
from store import deliveries, incidents, presses
from store.database import Store, Tx
from store.presses import VALID_FOR, State
from tests.bars.conftest import Bar
from tests.databases import Hands, fresh_store
from tests.store.made import ana, call_for_help, responder
from tocsin import acknowledging
from tocsin.web import Pages

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
OUTLOOK = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)"
Seen = tuple[str, str, dict[str, str]]  # how a program asks: method, what is added to the address, headers

PROFILES: dict[str, Seen] = {
    "Safe Links": ("GET", "", {"User-Agent": OUTLOOK, "X-FEServer": "x"}),
    "Safe Links, head first": ("HEAD", "", {"User-Agent": OUTLOOK}),
    "Barracuda": ("GET", "?bc=1", {"User-Agent": "BarracudaCentral"}),
    "Proofpoint": ("GET", "", {"User-Agent": "Proofpoint URL Defense"}),
    "Mimecast": ("GET", "?mc=1", {"User-Agent": "Mimecast-Scanner"}),
    "a gateway that asks what may be done": ("OPTIONS", "", {"Origin": "https://mail.example.org"}),
    "a gateway that sends what it finds": ("POST", "", {"User-Agent": "URLScanner/1.0"}),
    "a crawler": ("GET", "", {"User-Agent": "Mozilla/5.0 (compatible; bot/2.1; +https://bot.example.org)"}),
    "WhatsApp": ("GET", "", {"User-Agent": "WhatsApp/2.23 N"}),
    "Telegram": ("GET", "", {"User-Agent": "TelegramBot (like TwitterBot)"}),
    "Signal": ("GET", "", {"User-Agent": "WhatsApp", "Range": "bytes=0-1048575"}),
    "Slack": ("GET", "", {"User-Agent": "Slackbot-LinkExpanding 1.0"}),
    "Facebook": ("GET", "", {"User-Agent": "facebookexternalhit/1.1"}),
    "iMessage": ("GET", "", {"User-Agent": "facebookexternalhit/1.1 Facebot Twitterbot/1.0"}),
    "a browser that prefetches": ("GET", "", {"User-Agent": FIREFOX, "Sec-Purpose": "prefetch"}),
    "a browser that renders ahead": ("GET", "", {"User-Agent": FIREFOX, "Sec-Purpose": "prefetch;prerender"}),
    "an older browser that prefetches": ("GET", "", {"User-Agent": FIREFOX, "X-Moz": "prefetch"}),
    "a phone's preview": ("GET", "", {"User-Agent": FIREFOX, "Purpose": "preview"}),
    "a script": ("PUT", "", {"User-Agent": "curl/8.5.0"}),
    "another script": ("DELETE", "", {"User-Agent": "python-requests/2.31"}),
}


@dataclass
class Mailed:
    """Ana has called for help; Bo has a mail with a link, and Cleo a chat."""

    store: Store
    clock: Hands
    bo: ResponderId
    cleo: ResponderId
    incident: Incident
    token: str
    url: str

    async def standing(self) -> tuple[Incident | None, int, State]:
        """All that a look at the link could have changed."""
        return await self.store.run(self._standing)

    def _standing(self, tx: Tx) -> tuple[Incident | None, int, State]:
        found = presses.look(tx, self.token)
        assert found is not None
        said = len(deliveries.of_incident(tx, self.incident.id))
        return incidents.load(tx, self.incident.id), said, found.state


@pytest.fixture
async def mailed(tmp_path: Path) -> AsyncIterator[Mailed]:
    texts, clock = Texts(), Hands()
    async with fresh_store("sqlite", tmp_path, clock) as store:

        def begin(tx: Tx) -> tuple[ResponderId, ResponderId, Incident, str]:
            bo, cleo = responder(tx, "Bo"), responder(tx, "Cleo")
            incident = call_for_help(tx, ana(tx), bo, cleo)
            [token] = presses.new(tx, bo, 1, 1, [written(Action.BY_MAIL, incident.id)]).values()
            return bo, cleo, incident, token

        answers = MailAnswers(store, Happenings(Book({}, {}), Metrics()), lambda: None)
        app = web.Application()
        app.add_routes(acknowledging.routes(load_seen_page(texts.say, texts.languages), answers))
        pages = Pages(app, "127.0.0.1", 0)
        await pages.open()
        yield Mailed(store, clock, *await store.run(begin), pages.url)
        await pages.close()


async def post(mailed: Mailed, token: str, answer: str = "seen", **headers: str) -> tuple[int, dict[str, Any]]:
    """As the page's button sends it."""
    sent = {"token": token, "answer": answer}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{mailed.url}/seen", json=sent, headers={"Sec-Fetch-Site": "same-origin", **headers}) as told,
    ):
        return told.status, await told.json()


async def test_e3_no_program_that_looks_at_a_link_uses_it_up(mailed: Mailed, bar: Bar) -> None:
    before = await mailed.standing()

    async with aiohttp.ClientSession() as session:
        for method, more, headers in PROFILES.values():
            for path in (f"/seen/en{more}", f"/seen/en{more}#{mailed.token}", f"/seen{more}", f"/seen/{mailed.token}"):
                async with session.request(method, f"{mailed.url}{path}", headers=headers) as told:
                    assert told.status < 500

    assert await mailed.standing() == before
    assert before[2] is State.FRESH
    assert await post(mailed, mailed.token) == (200, {"became": "noted"})
    assert (await mailed.standing())[2] is State.USED
    assert len(PROFILES) == 20
    bar.holds("No link scanner, preview or prefetch uses up the link in a mail; a person still can", "0 of 20 did")


async def test_e3_what_sends_a_token_without_anybody_asking_is_refused(mailed: Mailed, bar: Bar) -> None:
    before = await mailed.standing()

    told = [
        await post(mailed, mailed.token, **{"Sec-Purpose": "prefetch"}),
        await post(mailed, mailed.token, Purpose="Preview"),
        await post(mailed, mailed.token, **{"Sec-Fetch-Site": "cross-site"}),
        await post(mailed, mailed.token, **{"Content-Type": "text/plain"}),
        await post(mailed, mailed.token, answer="close"),
        await post(mailed, "x" * 2_000),
    ]

    assert told == [(404, {"became": "gone"})] * 6
    assert await mailed.standing() == before
    bar.holds("What sends the token otherwise than the page's button does is refused", "0 of 6 ways counted")


async def test_e5_an_answer_by_mail_is_told_and_puts_nothing_off(mailed: Mailed, bar: Bar) -> None:
    before, said, _ = await mailed.standing()
    assert before is not None

    assert await post(mailed, mailed.token, "cannot") == (200, {"became": "noted"})
    assert await post(mailed, mailed.token, "seen") == (200, {"became": "noted"})
    after, more, _ = await mailed.standing()

    assert after == before
    assert after is not None
    assert wakes_at(after) == wakes_at(before)
    news = (await mailed.store.run(lambda tx: deliveries.of_incident(tx, mailed.incident.id)))[said:]
    assert [(row.person, row.template, row.words["news"]) for row in news] == [
        (mailed.cleo, "responder.news", "cannot_by_mail")
    ]
    assert more == said + 1
    bar.holds(
        "An answer by mail is told to the others, and delays, holds and closes nothing", "state equal before and after"
    )


@pytest.mark.parametrize("kind", list(Kind))
async def test_e5_whoever_can_read_the_mail_ends_no_call(mailed: Mailed, kind: Kind, bar: Bar) -> None:
    other = replace(mailed.incident, kind=kind)
    await mailed.store.run(lambda tx: incidents.save(tx, other))

    await post(mailed, mailed.token)

    assert (await mailed.standing())[0] == other
    bar.holds("An answer by mail is told to the others, and delays, holds and closes nothing", "for every kind of call")


async def test_e5_a_link_ends_as_buttons_do(mailed: Mailed, bar: Bar) -> None:
    [chat] = (await mailed.store.run(lambda tx: presses.new(tx, mailed.bo, 2, 1, ["o:x"]))).values()
    assert await post(mailed, chat) == (404, {"became": "gone"})
    mailed.clock.shown += VALID_FOR - timedelta(seconds=1)
    before = await mailed.standing()
    mailed.clock.shown += timedelta(seconds=1)

    assert await post(mailed, mailed.token) == (404, {"became": "gone"})
    assert (await mailed.standing())[0] == before[0]
    bar.holds("A link that is too old, and a button of a chat, are none", "0 of 2 counted")
