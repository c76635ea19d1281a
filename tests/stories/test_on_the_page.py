"""The stories as they are shown: clicked through in a real browser, on the page of the stage, with the real service
behind it. The page's own buttons and slider move the clock."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from escalation.people import Role
from tests.browser import opened, phone
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AT_120 = "75"  # where the speed slider stands at 120 times
AT_ONCE = 2000.0  # milliseconds in which a call for help must be on the phones
FIFTEEN_MINUTES = re.compile(r"^(15:00|14:[345]\d)$")
TEN_MINUTES = re.compile(r"^(10:00|9:[345]\d)$")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A running service whose board is on the page."""
    async with World(tmp_path, shows_board=True) as opened_world:
        yield opened_world


async def team(world: World, *, watched: bool) -> None:
    await world.defender("Ana", watched=watched)
    await world.responder("Bo", tier="contacts")
    await world.responder("Cleo", Role.COLLEAGUE, tier="colleagues")
    await world.responder("Dara", Role.COORDINATOR, tier=None)
    await world.responder("Max", Role.LAWYER, tier=None)


def heard(page: Page, name: str) -> Locator:
    """What this phone shows of what the bot said, after the greeting."""
    return phone(page, name).locator(".theirs:not(.gone) ~ .theirs:not(.gone)")


async def press(page: Page, name: str, label: str) -> None:
    """Press the newest button of a phone that reads so."""
    await phone(page, name).get_by_role("button", name=label).last.click()


async def answered(page: Page, name: str, words: str | re.Pattern[str]) -> None:
    """Read what a press was answered with, and put it away."""
    answer = phone(page, name).get_by_role("alertdialog")
    await expect(answer.get_by_role("paragraph")).to_have_text(words)
    await answer.get_by_role("button", name="OK").click()
    await expect(answer).to_have_count(0)


def coming(page: Page) -> tuple[Locator, Locator]:
    """The countdown, and what happens when it is over."""
    course = page.get_by_role("article").get_by_label("What comes next")
    return course.get_by_role("timer"), course


async def test_ana_falls_silent_bo_cannot_cleo_takes_it_and_dara_confirms(chromium: Path, world: World) -> None:
    await team(world, watched=True)
    async with opened(chromium, world.stage.url) as page:
        board, (countdown, what_comes) = page.get_by_role("article"), coming(page)
        past = board.get_by_label("What happened").get_by_role("listitem")
        await expect(page.get_by_label("Watches")).to_contain_text("Anawaitinga reminder", ignore_case=True)

        await falls_silent(page)

        await expect(heard(page, "Bo").last).to_contain_text("NO SIGN OF LIFE: Ana")
        await expect(board).to_contain_text("CallingMissed check-in · Ana")
        await expect(countdown).to_have_text(TEN_MINUTES)
        await expect(what_comes).to_contain_text("Everybody is called again, if nobody takes it")
        await expect(past).to_have_text([re.compile("Contacts called: Bo$"), re.compile("Ana did not check in$")])
        await only_these_have_heard(page, "Ana", "Bo")
        first = await countdown.text_content()
        await expect(countdown).not_to_have_text(first or "")

        await press(page, "Bo", "Cannot")

        await answered(page, "Bo", "Noted: you cannot. Nobody has it yet.")
        await expect(heard(page, "Cleo").last).to_contain_text("NO SIGN OF LIFE: Ana")
        await expect(board.locator(".tiers .asked")).to_have_text(
            [re.compile("^ContactsBo"), re.compile("^Colleagues")]
        )
        await expect(board.locator(".tiers s")).to_have_text("Bo")
        await only_these_have_heard(page, "Ana", "Bo", "Cleo")

        await press(page, "Cleo", "On it")

        until = await held_until(board, "Cleo")
        await answered(page, "Cleo", f"You have it until {until}.")
        await expect(heard(page, "Bo").last).to_contain_text(f"Cleo has it until {until}.")
        await expect(board.locator(".state")).to_have_text("Held")
        await expect(countdown).to_have_text(FIFTEEN_MINUTES)
        await expect(what_comes).to_contain_text("Cleo has no more time")

        await press(page, "Cleo", "Close…")
        await press(page, "Cleo", "Safe")

        await answered(page, "Cleo", re.compile("^Noted. A second person must agree before it is closed"))
        await expect(board).to_contain_text("Cleo says: safe. A second person must agree.")
        await expect(board.locator(".state")).to_have_text("Held")
        await expect(phone(page, "Cleo").get_by_role("button", name="Yes, close it")).to_have_count(0)
        for name in ("Bo", "Dara"):
            await expect(heard(page, name).last).to_contain_text("Cleo says how it ended: Safe. Do you agree?")
        await only_these_have_heard(page, "Ana", "Bo", "Cleo", "Dara")

        await press(page, "Dara", "Yes, close it")

        await answered(page, "Dara", "It is closed.")
        await expect(board.locator(".state")).to_have_text("Closed: safe")
        await expect(past.first).to_have_text(re.compile("All-clear to 3 people: safe$"))
        for name in ("Bo", "Cleo", "Dara"):
            await expect(heard(page, name).last).to_contain_text(
                "All clear: it is closed. Safe.\nSo say Cleo and Dara."
            )
        await page.get_by_role("button", name="+1 h").click()
        await world.settle()
        await only_these_have_heard(page, "Ana", "Bo", "Cleo", "Dara")
        await expect(heard(page, "Ana")).to_have_text([re.compile("^Time for your entry: 09:00")] * 3)
    everybody_else_is_asleep(world)


async def test_a_call_for_help_rings_at_once_and_what_is_sent_afterwards_follows(chromium: Path, world: World) -> None:
    await team(world, watched=False)
    async with opened(chromium, world.stage.url) as page:
        ana = phone(page, "Ana")
        await ana.get_by_role("textbox", name="Message from Ana").fill("sos")

        await page.keyboard.press("Enter")

        for name in ("Bo", "Dara"):
            await expect(heard(page, name)).to_contain_text("CALL FOR HELP: Ana", timeout=AT_ONCE)
            await expect(phone(page, name).locator(".phone")).to_have_class(re.compile("ringing"))
        await expect(page.get_by_role("link", name="Panic · Ana · Calling")).to_be_visible()
        await expect(heard(page, "Ana")).to_have_text([re.compile("^Noted.")])

        for choice in ("Share my place", "Send a picture"):
            await ana.get_by_role("button", name="Menu of Ana’s phone").click()
            await ana.get_by_role("menuitem", name=choice).click()

        for name in ("Bo", "Dara"):
            await expect(heard(page, name).get_by_role("img", name="Drawn map")).to_be_visible()
            picture = heard(page, name).locator("img.photo")
            await expect(picture).to_be_visible()
            assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
        await only_these_have_heard(page, "Ana", "Bo", "Dara")
        await world.settle()
    everybody_else_is_asleep(world, "Cleo")


async def falls_silent(page: Page) -> None:
    """Let Ana's check-in of nine o'clock pass: an hour in one step, ten minutes in seconds, the rest in steps."""
    await page.get_by_role("button", name="+1 h").click()
    await expect(heard(page, "Ana")).to_have_count(1)
    await page.get_by_label("Speed").fill(AT_120)
    await expect(page.locator("output")).to_have_text("120×")
    await expect(heard(page, "Ana")).to_have_count(2, timeout=20_000)
    await page.get_by_label("Speed").fill("0")
    await expect(page.locator("output")).to_have_text("1×")
    await page.get_by_role("button", name="+10 min").click()
    await expect(heard(page, "Ana")).to_have_count(3)
    await page.get_by_role("button", name="+10 min").click()


async def held_until(board: Locator, holder: str) -> str:
    """Until when the board says that somebody has it, as its clock shows."""
    line = board.get_by_text(re.compile(rf"^{holder} has it until \d\d:\d\d$"))
    await expect(line).to_be_visible()
    return (await line.text_content() or "")[-5:]


async def only_these_have_heard(page: Page, *names: str) -> None:
    """Every other phone shows the greeting and nothing else."""
    for name in {"Ana", "Bo", "Cleo", "Dara", "Max"} - set(names):
        await expect(heard(page, name)).to_have_count(0)


def everybody_else_is_asleep(world: World, *also: str) -> None:
    """Nobody but those in the story has heard anything, on any phone."""
    for name in {"Ana", "Bo", "Cleo", "Dara"} - set(also):
        for bot in (world.defenders_bot, world.responders_bot):
            world.phones[name].read(bot)
    world.silence()
