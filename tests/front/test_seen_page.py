"""The page behind the link in a mail: the same in six languages, nothing from elsewhere, and two buttons that count."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from config.seen_page import load_seen_page
from config.texts import Texts
from responders.mail_answers import Became
from store.sealing import Locked
from tests.browser import opened
from tocsin import acknowledging
from tocsin.web import Pages

TEXTS = Texts()
TOKEN = "a" + "T" * 43


class Answers:
    """What was answered, and what becomes of it."""

    def __init__(self) -> None:
        self.given: list[tuple[str, bool]] = []
        self.becomes: Became | Locked = Became.NOTED

    async def give(self, token: str, *, cannot: bool) -> Became:
        """See `responders.mail_answers`."""
        self.given.append((token, cannot))
        if isinstance(self.becomes, Locked):
            raise self.becomes
        return self.becomes


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
async def url(answers: Answers) -> AsyncIterator[str]:
    from aiohttp import web

    app = web.Application()
    page: Any = load_seen_page(TEXTS.say, TEXTS.languages)
    app.add_routes(acknowledging.routes(page, answers))  # type: ignore[arg-type]  # a stand-in
    pages = Pages(app, "127.0.0.1", 0)
    await pages.open()
    yield pages.url
    await pages.close()


async def shown(url: str, language: str) -> tuple[aiohttp.ClientResponse, str]:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/seen/{language}") as told:
        return told, await told.text()


@pytest.mark.parametrize("language", TEXTS.languages)
async def test_the_page_names_nobody_and_says_that_a_mail_proves_little(url: str, language: str) -> None:
    told, text = await shown(url, language)

    assert told.status == 200
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in text
    assert TEXTS.say(language, "responder.web.weak") in text.replace("&#x27;", "'")
    assert "http://" not in text
    assert "https://" not in text


async def test_nothing_of_it_is_kept_passed_on_or_fetched_from_elsewhere(url: str) -> None:
    told, _ = await shown(url, "en")

    assert told.headers["Cache-Control"] == "no-store"
    assert told.headers["Referrer-Policy"] == "no-referrer"
    policy = dict(part.strip().split(" ", 1) for part in told.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert all(source.startswith("'sha256-") for source in policy["script-src"].split() + policy["style-src"].split())


async def test_a_language_that_is_not_spoken_has_no_page(url: str) -> None:
    assert (await shown(url, "tlh"))[0].status == 404


async def test_while_we_are_locked_it_is_asked_to_try_again(url: str, answers: Answers) -> None:
    answers.becomes = Locked("not here")
    said = {"token": TOKEN, "answer": "seen"}

    async with aiohttp.ClientSession() as session, session.post(f"{url}/seen", json=said) as told:
        assert (told.status, await told.json()) == (503, {"became": "failed"})


@pytest.mark.browser
@pytest.mark.parametrize(
    ("button", "becomes", "says"),
    [
        ("I have seen it", Became.NOTED, "Noted. The others are told."),
        ("I cannot", Became.NOTED, "Noted. The others are told."),
        ("I have seen it", Became.OVER, "It is over."),
    ],
)
async def test_a_press_is_sent_once_and_answered(
    chromium: Path, url: str, answers: Answers, button: str, becomes: Became, says: str
) -> None:
    answers.becomes = becomes

    async with opened(chromium, f"{url}/seen/en#{TOKEN}") as page:
        assert answers.given == []
        await page.get_by_role("button", name=button).click()
        await page.get_by_text(says).wait_for()
        assert await page.get_by_role("button").count() == 0
        assert page.url.endswith("/seen/en")

    assert answers.given == [(TOKEN, button == "I cannot")]


@pytest.mark.browser
async def test_a_link_without_its_token_says_that_it_is_none(chromium: Path, url: str, answers: Answers) -> None:
    async with opened(chromium, f"{url}/seen/en") as page:
        await page.get_by_text("This link is too old, or is none of ours.").wait_for()
        assert await page.get_by_role("button").count() == 0

    assert answers.given == []
