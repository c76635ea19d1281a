"""The plain design, to compare with: what one writes first with the same libraries, and what many services are.

One APScheduler job for each defender, in its own SQL job store; handlers that send before they store; both libraries
with their own polling and their own HTTP clients; no pace, no retry, nothing sealed. Jobs keep APScheduler's defaults
but one: they may be late (`misfire_grace_time=None`), for otherwise it deletes unrun whatever is a second late, and a
storm would measure nothing. For the benchmark only: nobody should be protected by this.
"""

import asyncio
import json
import os
import pickle
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message
from aiohttp import web
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.util import datetime_to_utc_timestamp
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel, create_engine, insert, select
from telegram import Bot as AlarmBot

from engine.clock import SystemClock

ALARM = "{kind}: {chat} needs help. Who is on it?"
DAY = timedelta(days=1)
now = SystemClock().now


class Kept(SQLModel, registry=registry()):
    """Tables of its own, beside those of the store."""


class Contact(Kept, table=True):
    """Who is called for whom, by their chats."""

    __tablename__ = "naive_contact"
    id: int | None = Field(default=None, primary_key=True)
    defender: int = Field(index=True)
    chat: int


class Happening(Kept, table=True):
    """What happened to whom."""

    __tablename__ = "naive_happening"
    id: int | None = Field(default=None, primary_key=True)
    defender: int
    kind: str
    at: datetime


class Naive:
    """The service, in one class."""

    def __init__(self, folder: Path, api: str, tokens: tuple[str, str], url: str = "") -> None:
        """Nothing runs before `run`. Everything is kept in the folder, or in the database of `url`."""
        self.database = create_engine(url or f"sqlite:///{folder / 'naive.sqlite'}")
        Kept.metadata.create_all(self.database)
        self.jobs = SQLAlchemyJobStore(url=url or f"sqlite:///{folder / 'naive-jobs.sqlite'}")
        self.scheduler = AsyncIOScheduler(jobstores={"default": self.jobs}, timezone="UTC")
        self.defenders = Bot(tokens[0], AiohttpSession(api=TelegramAPIServer.from_base(api)))
        self.alarms = AlarmBot(tokens[1], base_url=f"{api}/bot")
        self.dispatcher = Dispatcher()
        self.dispatcher.message.register(self.panic, F.text == "sos")
        self.dispatcher.message.register(self.check_in, F.text == "/ok")

    async def call(self, chat: int, kind: str) -> None:
        """Send, and then store."""
        with Session(self.database) as session:
            contacts = session.exec(select(Contact.chat).where(Contact.defender == chat)).all()
        for contact in contacts:
            await self.alarms.send_message(contact, ALARM.format(kind=kind, chat=chat))
        self.store(chat, kind)

    def store(self, chat: int, kind: str) -> None:
        """One row."""
        with Session(self.database) as session:
            session.add(Happening(defender=chat, kind=kind, at=now()))
            session.commit()

    async def panic(self, message: Message) -> None:
        """Somebody calls for help."""
        await self.call(message.chat.id, "panic")
        await message.answer("Noted.")

    async def check_in(self, message: Message) -> None:
        """Somebody is well; the job that would have called is put off to tomorrow."""
        await message.answer("Noted.")
        self.store(message.chat.id, "check-in")
        chat = message.chat.id
        self.scheduler.add_job(
            missed, "date", run_date=now() + DAY, args=[chat], id=str(chat), replace_existing=True,
            misfire_grace_time=None,
        )  # fmt: skip

    def enrol(self, people: Iterable[tuple[int, int, float]]) -> None:
        """Many at once, as (chat, contact's chat, seconds from now until they are missed), for the benchmark."""
        rows, jobs = [], []
        model = self.scheduler.add_job(missed, "date", run_date=now() + DAY, args=[0], misfire_grace_time=None)
        state = model.__getstate__()
        model.remove()
        for chat, contact, seconds in people:
            at = now() + timedelta(seconds=seconds)
            trigger = type(state["trigger"])(at, "UTC")
            one = {**state, "id": str(chat), "args": (chat,), "trigger": trigger, "next_run_time": at}
            rows.append({"defender": chat, "chat": contact})
            jobs.append(
                {"id": str(chat), "next_run_time": datetime_to_utc_timestamp(at), "job_state": pickle.dumps(one)}
            )
        with Session(self.database) as session:
            session.execute(insert(Contact), rows)
            session.commit()
        with self.jobs.engine.begin() as connection:
            connection.execute(self.jobs.jobs_t.insert(), jobs)
        self.scheduler.wakeup()

    async def run(self, port: int) -> None:
        """Poll and keep time until a signal comes."""

        async def health(_: web.Request) -> web.Response:
            return web.Response(text="ok")

        async def enrol(request: web.Request) -> web.Response:
            self.enrol(json.loads(await request.read()))
            return web.Response(text="ok")

        await self.alarms.initialize()
        self.scheduler.start()
        app = web.Application(client_max_size=2**30)
        app.add_routes([web.get("/health", health), web.post("/enrol", enrol)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await self.dispatcher.start_polling(self.defenders)
        await runner.cleanup()
        await self.alarms.shutdown()


RUNNING: list[Naive] = []  # a job finds its service here: what a job store keeps is the name of a function


async def missed(chat: int) -> None:
    """A check-in did not come."""
    await RUNNING[0].call(chat, "missed")


def main() -> None:
    """What `python -c "from bench.naive import main; main()"` does."""

    async def serve() -> None:
        tokens = (os.environ["TOCSIN_DEFENDER_BOT_TOKEN"], os.environ["TOCSIN_RESPONDER_BOT_TOKEN"])
        folder, api = Path(os.environ["TOCSIN_DATA"]), os.environ["TOCSIN_TELEGRAM_API"]
        RUNNING.append(Naive(folder, api, tokens, os.environ.get("NAIVE_DATABASE", "")))
        await RUNNING[0].run(int(os.environ["TOCSIN_LISTEN"].rpartition(":")[2]))

    asyncio.run(serve())
