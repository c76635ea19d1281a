"""The demo from outside: a page, a team that is enrolled by the real bots, and a clean end."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.front.conftest import Prompt

HOUSE = Path(__file__).resolve().parents[2]
PATIENCE = 40.0  # real seconds; a loaded machine imports the bot libraries slowly


async def start(folder: Path) -> asyncio.subprocess.Process:
    """A demo on any port, in `folder`."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE), "PYTHONUNBUFFERED": "1"}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tocsin", "demo", "--port", "0",
        cwd=folder, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def address_in(demo: asyncio.subprocess.Process, words: str) -> str:
    """The first address that it prints on a line with `words`."""
    assert demo.stdout is not None
    async with asyncio.timeout(PATIENCE):
        while line := (await demo.stdout.readline()).decode():
            if words in line and (found := re.search(r"http://127\.0\.0\.1:\d+", line)):
                return found[0]
    raise AssertionError(f"It ended before it said {words!r}.")


async def boards(session: aiohttp.ClientSession, page: str) -> AsyncIterator[dict[str, list[dict[str, str]]]]:
    """What the page shows under the phones, whenever it changes."""
    async with session.get(f"{page}/stage/events") as stream:
        board_next = False
        async for line in stream.content:
            if board_next:
                yield json.loads(line.removeprefix(b"data: "))
            board_next = line == b"event: board\n"


@pytest.mark.slow
async def test_the_demo_shows_a_team_at_work_and_ends_cleanly(tmp_path: Path) -> None:
    demo = await start(tmp_path)
    page = await address_in(demo, "The stage is open")
    async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
        async with session.get(page) as answer:
            assert answer.status == 200
        pages = await address_in(demo, "Health and numbers")
        async with session.get(f"{pages}/health") as answer:
            assert answer.status == 200, await answer.text()
        async for board in boards(session, page):
            if board.get("watches"):
                break

    demo.send_signal(signal.SIGINT)
    _, said = await asyncio.wait_for(demo.communicate(), PATIENCE)

    assert [watch["defender"] for watch in board["watches"]] == ["Ana"]
    assert any("fall silent" in hint for hint in board["hints"])
    assert (demo.returncode, said) == (0, b"")
    assert os.listdir(tmp_path) == [".demo"]  # noqa: PTH208 - a folder of one name


def test_a_folder_that_no_demo_has_made_is_never_emptied(bare: Prompt, tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "tocsin.sqlite").write_text("everything we have", encoding="utf-8")
    bare.environ["TOCSIN_DATA"] = "ours"

    said = bare.refused("demo", "--port", "0")

    assert "holds something that no demo has made" in said
    assert (tmp_path / "ours" / "tocsin.sqlite").read_text(encoding="utf-8") == "everything we have"


def test_a_port_that_is_taken_is_refused_with_a_sentence(bare: Prompt) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = bare.refused("demo", "--port", str(taken.getsockname()[1]))

    assert "name another one with --port" in said
    assert not bare.data.exists()
