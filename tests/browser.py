"""A real browser on a page of ours. Nothing may go wrong in it: no error, no refused request, nothing that the page's
own content policy forbids."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright

QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
TELL_OF_POLICY = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`forbidden by ${event.violatedDirective}: ${event.blockedURI}`));"""


@asynccontextmanager
async def opened(chromium: Path, url: str) -> AsyncIterator[Page]:
    """The page at `url`, closed at the end; fails then if anything went wrong in it."""
    faults: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=QUIET)
        page = await browser.new_page(viewport={"width": 1600, "height": 1000})
        await page.add_init_script(TELL_OF_POLICY)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        await page.goto(url)
        yield page
        await browser.close()
    assert faults == []


def phone(page: Page, name: str) -> Locator:
    """One person's phone on the stage."""
    return page.get_by_role("region", name=f"{name}’s phone")
