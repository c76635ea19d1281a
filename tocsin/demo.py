"""The whole service on the embedded default: SQLite in a fresh folder, and the stage in place of the messenger.

One clock moves both, so that the page can let hours pass in seconds. Nothing of a real instance is read or touched but
its ladders and language: no token, no database.
"""

import asyncio
import logging
import shutil
import webbrowser
from collections.abc import Mapping
from contextlib import AsyncExitStack, ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from rehearsal import RehearsalClock, Stage

from .folder import make_folder
from .keys import make_keys
from .logs import log_plainly
from .progress import progress
from .refusing import Refused
from .stopping import stopped_by_signal
from .troupe import CODE, DEFENDERS_BOT, RESPONDERS_BOT, SAFE_WORD, ZONE, gather_troupe

if TYPE_CHECKING:
    from config.settings import Settings
    from engine.pace import Limits
    from engine.planning import Book

    from .service import Service

FOLDER = ".demo"
MARK = "made-by-tocsin-demo"  # a folder without it is never emptied
RESPECTED = ("TOCSIN_LADDERS", "TOCSIN_LISTEN", "TOCSIN_LANGUAGE", "TOCSIN_COVER")


class Demo:
    """One rehearsal: the stage is open before the service is, so that the page is there at once."""

    def __init__(self, environ: Mapping[str, str], here: Path, port: int) -> None:
        """Nothing is opened or made before `play`."""
        self._environ = environ
        self._folder = here / (environ.get("TOCSIN_DATA") or FOLDER)
        self._here, self._port = here, port
        self._service: Service | None = None
        self._due_at: datetime | None = None
        self._beginning = ExitStack()  # what is shown until everybody is enrolled
        self.clock = RehearsalClock()
        self.stage = Stage(self.clock, limits=False, port=port, board=self.board)
        self.troupe = gather_troupe(self.stage)

    async def play(self, speed: float, *, open_page: bool) -> None:
        """Play until a signal comes. Raises Refused with a sentence when it cannot begin."""
        async with stopped_by_signal() as stop, AsyncExitStack() as rooms:
            try:
                await self.stage.open()
            except OSError:
                raise Refused("This port is taken, perhaps by another demo: name another one with --port.") from None
            rooms.push_async_callback(self.stage.close)
            click.echo(f"The stage is open: {click.style(self.stage.url, bold=True)}")
            if open_page:
                await asyncio.to_thread(webbrowser.open, self.stage.url)
            step = rooms.enter_context(self._beginning).enter_context(progress(3))
            step("Putting the service together")
            await asyncio.to_thread(_import_the_rest)
            from .service import open_service
            from .serving import run_until

            settings, book, limits = self._set_up()
            log_plainly(logging.WARNING)
            step("Opening both doors")
            service = await rooms.enter_async_context(open_service(settings, book, self.clock, limits))
            self._service = service
            step("Everybody follows their invitation")
            try:
                await run_until(service, stop, self._begin(service, speed))
            finally:
                self._service = None

    async def board(self) -> dict[str, object]:
        """What the page shows under the phones."""
        if self._service is None:
            return {"hints": ["The service is starting …"]}
        from .board import read_board

        board = await read_board(self._service.store)
        return {**board, "hints": self._hints()}

    async def _begin(self, service: "Service", speed: float) -> None:
        from .team import enrol

        try:
            self._due_at = await enrol(self.troupe, service.engine, service.languages)
        except (AssertionError, LookupError) as fault:
            raise Refused(f"The demo did not begin: {str(fault).splitlines()[0]}") from None
        self._beginning.close()
        self.clock.speed = speed
        for hint in self._hints():
            click.echo(f"  · {hint}")
        click.echo(f"Health and numbers: {service.pages.url}/health and /metrics. Ctrl-C ends it.")

    def _hints(self) -> list[str]:
        """What there is to try."""
        if self._due_at is None:
            return ["Everybody is following their invitation …"]
        return [
            f"Let Ana fall silent: {self._first_due_or_another()} Raise the speed to 60× and see who is asked.",
            f"Or check in as Ana: press “Done” and tap {' '.join(CODE)}, or send her word, “{SAFE_WORD}”.",
            "Tap four quite other signs, as if somebody made her: her phone shows the same, and look who is called.",
            "Or call for help: send “sos”, or press “Now”.",
            "Then answer as the others: Bo cannot, Cleo is on it, and when she closes it, Dara agrees.",
        ]

    def _first_due_or_another(self) -> str:
        """How to come to a check-in that is due soon: the daily one is soon once only."""
        if self._due_at is None or self.clock.now() >= self._due_at:
            return "send “/timer 10m” on her phone, and no word after it."
        wall = f"{self._due_at.astimezone(ZoneInfo(ZONE)):%H:%M} in Bogotá ({self._due_at:%H:%M} UTC)"
        return f"her check-in is due at {wall}."

    def _set_up(self) -> "tuple[Settings, Book, dict[str, Limits]]":
        """A fresh instance on the stage, which has no limit for a chat: a press is answered at once."""
        from config.settings import SettingsRefused, load_settings
        from engine.pace import Limits

        from .opening import read_book
        from .service import DEFENDERS, RESPONDERS

        _make_fresh(self._folder)
        beside = f"127.0.0.1:{self._port + 1 if 0 < self._port < 65_535 else 0}"
        environ = {name: self._environ[name] for name in RESPECTED if self._environ.get(name)}
        environ |= {
            "TOCSIN_DATA": str(self._folder),
            "TOCSIN_DEFENDER_BOT_TOKEN": DEFENDERS_BOT[0],
            "TOCSIN_RESPONDER_BOT_TOKEN": RESPONDERS_BOT[0],
            "TOCSIN_TELEGRAM_API": self.stage.url,
            "TOCSIN_LISTEN": environ.get("TOCSIN_LISTEN", beside),
        }
        try:
            settings = load_settings(environ, self._here)
        except SettingsRefused as refusal:
            raise Refused(str(refusal)) from None
        make_keys(settings, self.clock)
        return settings, read_book(settings), dict.fromkeys((DEFENDERS, RESPONDERS), Limits(chat_every=0.0))


def _import_the_rest() -> None:
    """Import what takes seconds, while the page is already there."""
    from . import board, serving, team  # noqa: F401


def _make_fresh(folder: Path) -> None:
    """An empty data folder. Raises Refused rather than empty one that no demo has made."""
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            raise Refused(f"{folder} holds something that no demo has made: name another folder in TOCSIN_DATA.")
        shutil.rmtree(folder)
    make_folder(folder)
    (folder / MARK).write_text("This folder is emptied whenever a demo begins here.\n", encoding="utf-8")
