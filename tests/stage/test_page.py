"""The page in a real browser: what is typed and pressed there reaches the bot, and what the bot says is seen."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, expect

from rehearsal import BotAccount, Phone, RehearsalClock, Stage
from tests.browser import opened, phone
from tests.stage.conftest import Api, until

pytestmark = pytest.mark.browser

ROWS = {"inline_keyboard": [[{"text": "I am on it", "callback_data": "on:1"}]]}


@pytest.fixture
async def page(chromium: Path, stage: Stage, ana: Phone) -> AsyncIterator[Page]:
    """The page with Ana's phone."""
    async with opened(chromium, stage.url) as page:
        await expect(phone(page, "Ana")).to_be_visible()
        yield page


async def update(api: Api, kind: str) -> dict[str, object]:
    """The next update of this kind."""
    offset = 0
    async with asyncio.timeout(5):
        while True:
            for found in (await api("getUpdates", offset=offset, timeout=5))["result"]:
                offset = found["update_id"] + 1
                if kind in found and found[kind].get("text") != "/start":
                    return dict(found[kind])


async def test_what_is_typed_reaches_the_bot(page: Page, api: Api) -> None:
    await phone(page, "Ana").get_by_role("textbox", name="Message from Ana").fill("I am home")
    await page.keyboard.press("Enter")

    assert (await update(api, "message"))["text"] == "I am home"
    await expect(phone(page, "Ana").locator(".mine").last).to_contain_text("I am home")


async def test_a_button_is_pressed_and_its_answer_shown(page: Page, api: Api, ana: Phone) -> None:
    await api("sendMessage", chat_id=ana.id, text="<b>Ana</b> calls", parse_mode="HTML", reply_markup=ROWS)
    await expect(phone(page, "Ana").locator(".theirs strong")).to_have_text("Ana")
    await expect(phone(page, "Ana").locator(".phone")).to_have_class(re.compile("ringing"))
    button = phone(page, "Ana").get_by_role("button", name="I am on it")

    await button.click()
    press = await update(api, "callback_query")
    await expect(button).to_have_class("waiting")
    await api("answerCallbackQuery", callback_query_id=press["id"], text="You have it until 14:32")

    assert press["data"] == "on:1"
    await expect(phone(page, "Ana").get_by_role("status")).to_have_text("You have it until 14:32")
    await expect(button).not_to_have_class("waiting")
    await expect(phone(page, "Ana").locator(".phone")).not_to_have_class(re.compile("ringing"))


async def test_edits_deletions_and_typing_are_seen(page: Page, api: Api, ana: Phone) -> None:
    first = (await api("sendMessage", chat_id=ana.id, text="Bo is called"))["result"]["message_id"]
    second = (await api("sendMessage", chat_id=ana.id, text="Cleo is called"))["result"]["message_id"]
    await expect(phone(page, "Ana").locator(".theirs")).to_have_count(2)

    await api("editMessageText", chat_id=ana.id, message_id=first, text="Bo has it")
    await api("deleteMessage", chat_id=ana.id, message_id=second)
    await api("sendChatAction", chat_id=ana.id, action="typing")

    await expect(phone(page, "Ana").locator(".theirs")).to_have_count(1)
    await expect(phone(page, "Ana").locator(".theirs")).to_contain_text("Bo has itedited")
    await expect(phone(page, "Ana").get_by_text("is typing…")).to_be_visible()


async def test_words_of_people_are_never_taken_for_html(page: Page, api: Api, ana: Phone) -> None:
    words = "<img src=x onerror=alert(1)><script>alert(2)</script>"

    await api("sendMessage", chat_id=ana.id, text=words)

    await expect(phone(page, "Ana").locator(".words").last).to_have_text(words)
    assert await phone(page, "Ana").locator(".log img, .log script").count() == 0


async def test_arabic_runs_from_right_to_left(page: Page, api: Api, ana: Phone) -> None:
    await api("sendMessage", chat_id=ana.id, text="آنا لم تسجّل حضورها")

    words = phone(page, "Ana").locator(".words").last
    await expect(words).to_have_css("direction", "rtl")


async def test_places_and_pictures_are_sent_from_the_menu(
    page: Page, api: Api, stage: Stage, bot: BotAccount, ana: Phone
) -> None:
    menu = phone(page, "Ana").get_by_role("button", name="Menu of Ana’s phone")
    await menu.click()
    await phone(page, "Ana").get_by_role("menuitem", name="Share my place").click()
    await expect(phone(page, "Ana").get_by_role("img", name="Drawn map")).to_be_visible()
    await menu.click()
    await phone(page, "Ana").get_by_role("menuitem", name="Send a picture").click()
    await expect(phone(page, "Ana").get_by_role("img", name="Photo")).to_be_visible()

    place, picture = ana.chat(bot)[-2:]

    assert place.place
    assert abs(place.place.lat - ana.place.lat) < 0.1
    assert picture.data.startswith(b"\x89PNG")
    assert (
        await phone(page, "Ana").locator("img.photo").evaluate("image => image.decode().then(() => image.naturalWidth)")
    )


async def test_a_stranger_presses_start_with_an_invitation(page: Page, api: Api, stage: Stage, bot: BotAccount) -> None:
    stage.add_phone("Max")
    await phone(page, "Max").get_by_role("textbox").fill("https://t.me/tocsin_test_bot?start=CODE-7")

    await phone(page, "Max").get_by_role("button", name="Start").click()

    assert (await update(api, "message"))["text"] == "/start CODE-7"
    await expect(phone(page, "Max").get_by_text("CODE-7")).to_be_visible()


async def test_a_blocked_bot_is_unblocked_again(page: Page, bot: BotAccount, ana: Phone) -> None:
    await phone(page, "Ana").get_by_role("button", name="Menu of Ana’s phone").click()
    await phone(page, "Ana").get_by_role("menuitem", name="Block this bot").click()
    unblock = phone(page, "Ana").get_by_role("button", name="Unblock")
    await expect(unblock).to_be_visible()
    with pytest.raises(LookupError):
        ana.type(bot, "hello")

    await unblock.click()

    await expect(phone(page, "Ana").get_by_role("textbox", name="Message from Ana")).to_be_visible()
    assert ana.type(bot, "hello")


async def test_the_slider_and_the_jump_move_the_services_clock(page: Page, clock: RehearsalClock) -> None:
    before = clock.now()

    await page.get_by_role("button", name="+10 min").click()
    await expect(page.get_by_text("18:10:")).to_be_visible()
    await page.get_by_label("Speed").fill("100")

    await expect(page.locator("output")).to_have_text("600×")
    await until(lambda: clock.speed == 600)
    assert (clock.now() - before).total_seconds() >= 600


AT = datetime(2026, 3, 1, 18, 20, tzinfo=UTC).isoformat()
INCIDENT: dict[str, object] = {
    "id": "1", "kind": "panic", "state": "calling", "defender": "Ana", "opened_at": AT,
    "holder": None, "held_until": None,
    "tiers": [
        {"name": "Contacts", "asked": 1, "due_at": AT, "people": ["Bo", "Cleo"], "cannot": ["Cleo"]},
        {"name": "Lawyers", "asked": 0, "due_at": AT, "people": ["Dara"]},
    ],
    "next": {"what": "lawyers are asked", "at": AT}, "entries": [{"at": AT, "text": "Ana called for help"}],
}  # fmt: skip


class Told:
    """A board that says what a test wants it to say."""

    def __init__(self, *incidents: dict[str, object]) -> None:
        """Begins with these incidents."""
        self.incidents = list(incidents)

    async def __call__(self) -> dict[str, object]:
        """What the page is given."""
        return {"incidents": self.incidents, "watches": [], "hints": ["Call for help."]}


async def test_the_board_shows_who_is_asked_and_what_is_next(chromium: Path, clock: RehearsalClock) -> None:
    told = Told(INCIDENT)
    async with Stage(clock, board=told) as stage, opened(chromium, stage.url) as page:
        article = page.get_by_role("article")
        await expect(article).to_contain_text("Panic · Ana")
        await expect(article.get_by_role("timer")).to_have_text(re.compile(r"^(20:00|19:\d\d)$"))
        await expect(article.locator(".tiers .asked")).to_have_text(re.compile("^ContactsBo, Cleo"))
        await expect(article.locator(".tiers s")).to_have_text("Cleo")

        told.incidents = [{**INCIDENT, "holder": "Bo", "held_until": AT, "state": "held"}]

        await expect(article).to_contain_text("Bo has it until 18:20")


async def test_what_is_over_is_folded_away_once_something_else_is_open(chromium: Path, clock: RehearsalClock) -> None:
    over = {**INCIDENT, "state": "closed: safe", "next": None, "closed_at": AT}
    told = Told(over)
    async with Stage(clock, board=told) as stage, opened(chromium, stage.url) as page:
        await expect(page.get_by_role("article")).to_contain_text("Closed: safe")

        told.incidents = [{**INCIDENT, "id": "2"}, over]

        await expect(page.get_by_role("article")).to_have_count(1)
        await expect(page.get_by_role("article")).to_contain_text("Calling")
        await page.get_by_role("button", name="Panic · Ana Closed: safe").click()
        await expect(page.get_by_role("article")).to_have_count(2)
        await page.get_by_role("button", name="Fold it away").click()
        await expect(page.get_by_role("article")).to_have_count(1)


async def test_a_long_story_can_be_read_to_its_end(chromium: Path, clock: RehearsalClock) -> None:
    lines = [{"at": AT, "text": f"Line {number}"} for number in range(60)]
    async with Stage(clock, board=Told({**INCIDENT, "entries": lines})) as stage, opened(chromium, stage.url) as page:
        oldest = page.get_by_text("Line 0", exact=True)

        await oldest.scroll_into_view_if_needed()
        await page.locator(".entries").evaluate("list => { list.scrollTop = list.scrollHeight; }")

        below = "line => line.closest('ol').getBoundingClientRect().bottom - line.getBoundingClientRect().bottom"
        assert await oldest.evaluate(below) >= 30  # pixels that are drawn fading


async def test_time_that_runs_fast_is_drawn_in_every_frame(chromium: Path, clock: RehearsalClock) -> None:
    async with Stage(clock, board=Told(INCIDENT)) as stage, opened(chromium, stage.url) as page:
        clock.speed = 60

        await page.wait_for_function("""() => new Promise((seen) => {
            let [before, changed] = ["", 0];
            const look = () => {
                const shown = document.querySelector("[role=timer]").textContent;
                changed = shown === before ? 0 : changed + 1;
                before = shown;
                changed > 3 ? seen(true) : requestAnimationFrame(look);
            };
            look();
        })""")


@pytest.mark.parametrize(("width", "height"), [(1600, 1000), (1280, 800)])
async def test_six_phones_and_the_board_are_seen_at_once(
    chromium: Path, clock: RehearsalClock, width: int, height: int
) -> None:
    async with Stage(clock, board=Told(INCIDENT)) as stage, opened(chromium, stage.url) as page:
        await page.set_viewport_size({"width": width, "height": height})
        for name in ("Ana", "Bo", "Cleo", "Dara", "Max", "Harbour"):
            stage.add_phone(name)
        await expect(phone(page, "Harbour")).to_be_visible()

        size = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        last, board = await phone(page, "Harbour").bounding_box(), await page.get_by_role("article").bounding_box()

        assert size == [width, height]
        assert last
        assert board
        assert last["y"] + last["height"] <= board["y"]


async def test_a_phone_shows_its_newest_message(page: Page, stage: Stage, api: Api, ana: Phone) -> None:
    left = "log => log.scrollHeight - log.scrollTop - log.clientHeight"
    for number in range(12):
        await api("sendMessage", chat_id=ana.id, text=f"Message {number}\n" + "words " * 60)
        await expect(phone(page, "Ana").get_by_text(f"Message {number}\n")).to_be_in_viewport()

    for name in ("Bo", "Cleo", "Dara", "Max", "Harbour"):
        stage.add_phone(name)
    await expect(phone(page, "Harbour")).to_be_visible()

    for width, height in ((1280, 800), (900, 620), (420, 900), (1600, 1000)):
        await page.set_viewport_size({"width": width, "height": height})
        await page.wait_for_function(
            f"() => ({left})(document.querySelector('[data-phone=Ana] .log')) < 2", timeout=2000
        )


async def test_who_reads_back_is_left_in_peace(page: Page, api: Api, ana: Phone) -> None:
    for number in range(12):
        await api("sendMessage", chat_id=ana.id, text=f"Message {number}\n" + "words " * 60)
    await expect(phone(page, "Ana").get_by_text("Message 11")).to_be_in_viewport()

    await phone(page, "Ana").get_by_role("log").hover()
    await page.mouse.wheel(0, -9000)
    await expect(phone(page, "Ana").get_by_text("Message 0")).to_be_in_viewport()
    await page.set_viewport_size({"width": 1280, "height": 620})

    await expect(phone(page, "Ana").get_by_text("Message 0")).to_be_in_viewport()


async def test_a_small_screen_begins_with_the_first_phone(chromium: Path, stage: Stage, ana: Phone) -> None:
    for name in ("Bo", "Cleo", "Dara"):
        stage.add_phone(name)
    async with opened(chromium, stage.url) as page:
        await page.set_viewport_size({"width": 420, "height": 900})
        await page.reload()
        await expect(phone(page, "Ana")).to_be_in_viewport(ratio=0.99)

        await phone(page, "Dara").scroll_into_view_if_needed()

        await expect(phone(page, "Dara")).to_be_in_viewport(ratio=0.99)
        assert await page.evaluate("document.documentElement.scrollWidth") == 420


async def test_only_our_own_page_may_touch_a_phone(
    http: aiohttp.ClientSession, stage: Stage, bot: BotAccount, ana: Phone
) -> None:
    said = {"bot": bot.id, "text": "from another page"}

    async with http.post(f"{stage.url}/stage/phones/{ana.id}/type", json=said) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"] == "Only the page of the stage can do this."

    assert [message.text for message in ana.chat(bot)] == ["/start"]


async def test_a_stage_without_the_page_open_keeps_no_list_of_changes(stage: Stage, page: Page) -> None:
    assert len(stage.messenger.watchers) == 1

    await page.close()
    stage.add_phone("Cleo")

    await until(lambda: not stage.messenger.watchers)
