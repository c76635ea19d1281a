"""The page behind the link in a mail: the same in six languages, nothing from elsewhere, and two buttons that count."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request

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


async def answer(url: str, body: object, **headers: str) -> tuple[int, object]:
    """What is told to this body: text as it is, anything else as JSON."""
    raw = body if isinstance(body, str) else json.dumps(body)
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession() as session, session.post(f"{url}/seen", data=raw, headers=sent) as told:
        return told.status, (await told.json())["became"]


@pytest.mark.parametrize(("word", "cannot"), [("seen", False), ("cannot", True)])
async def test_what_a_button_sends_is_given_on_with_its_token(
    url: str, answers: Answers, word: str, cannot: bool
) -> None:
    assert await answer(url, {"token": TOKEN, "answer": word}) == (200, "noted")
    assert answers.given == [(TOKEN, cannot)]


@pytest.mark.parametrize(("becomes", "status"), [(Became.NOTED, 200), (Became.OVER, 200), (Became.GONE, 404)])
async def test_only_a_link_that_is_gone_is_not_found(url: str, answers: Answers, becomes: Became, status: int) -> None:
    answers.becomes = becomes

    assert await answer(url, {"token": TOKEN, "answer": "seen"}) == (status, becomes.value)


SEEN = {"token": TOKEN, "answer": "seen"}


@pytest.mark.parametrize("header", ["Sec_Purpose", "Purpose", "X_Purpose", "X_Moz"])
@pytest.mark.parametrize("value", ["prefetch", "Preview", "prefetch;prerender"])
async def test_a_program_that_looks_ahead_answers_for_nobody(
    url: str, answers: Answers, header: str, value: str
) -> None:
    assert await answer(url, SEEN, **{header: value}) == (404, "gone")
    assert answers.given == []


@pytest.mark.parametrize(
    ("site", "counts"), [("same-origin", True), ("none", True), ("same-site", False), ("cross-site", False)]
)
async def test_only_our_own_page_answers(url: str, answers: Answers, site: str, counts: bool) -> None:
    await answer(url, SEEN, Sec_Fetch_Site=site)

    assert bool(answers.given) is counts


async def test_a_purpose_that_is_another_is_no_looking_ahead(url: str, answers: Answers) -> None:
    await answer(url, SEEN, Purpose="to answer")

    assert answers.given == [(TOKEN, False)]


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "null", "[" * 1000, {}, {"token": TOKEN}, {"answer": "seen"}, {"token": TOKEN, "answer": "no"},
        {"token": 7, "answer": "seen"}, {"token": TOKEN, "answer": ["seen"]},
    ],
)  # fmt: skip
async def test_what_our_page_never_sends_answers_nothing(url: str, answers: Answers, body: object) -> None:
    assert await answer(url, body) == (404, "gone")
    assert answers.given == []


async def test_what_a_form_could_send_from_elsewhere_answers_nothing(url: str, answers: Answers) -> None:
    assert await answer(url, SEEN, Content_Type="text/plain") == (404, "gone")
    assert answers.given == []


@pytest.mark.parametrize("in_pieces", [False, True])
@pytest.mark.parametrize(("length", "counts"), [(1024, True), (1025, False)])
async def test_an_answer_that_is_too_long_is_not_read_to_its_end(
    url: str, answers: Answers, length: int, counts: bool, in_pieces: bool
) -> None:
    body = json.dumps(SEEN).ljust(length).encode()

    async def pieces() -> AsyncIterator[bytes]:
        yield body[:512]
        yield body[512:]

    sent = {"Content-Type": "application/json"}
    data = pieces() if in_pieces else body
    async with aiohttp.ClientSession() as session, session.post(f"{url}/seen", data=data, headers=sent) as told:
        assert told.status == (200 if counts else 404)
    assert bool(answers.given) is counts


class InPieces:
    """A body that comes piece by piece."""

    def __init__(self, *pieces: bytes) -> None:
        self.left = list(pieces)

    async def readany(self) -> bytes:
        """The next one, nothing after the last."""
        return self.left.pop(0) if self.left else b""


async def test_what_is_longer_than_an_answer_is_none_though_it_begins_with_one(answers: Answers) -> None:
    page: Any = load_seen_page(TEXTS.say, TEXTS.languages)
    handler: Any = acknowledging.routes(page, answers)[1].handler  # type: ignore[arg-type]  # a stand-in
    whole: Any = InPieces(json.dumps(SEEN).ljust(acknowledging.LARGEST_ANSWER).encode(), b" ")

    told = await handler(make_mocked_request("POST", "/seen", {"Content-Type": "application/json"}, payload=whole))

    assert told.status == 404
    assert answers.given == []


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
