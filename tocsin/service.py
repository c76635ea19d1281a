"""The one composition root: the rooms are opened in order, joined, and closed in reverse.

Settings, database, texts, both doors, the engine, the pages; then everything runs until it is cancelled. What ends by
itself ends the service: the supervisor starts it again, and what was under way is settled after that.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from config.settings import Settings
from config.texts import Texts
from engine.checkpointing import Checkpointing, Holders
from engine.clock import Clock
from engine.engine import Engine, Source
from engine.hearing import DEAF_AFTER
from engine.letter import Channel
from engine.other_bots import settle_absent
from engine.pace import Limits
from engine.planning import Book
from engine.polling import LONG_POLL
from engine.trials import Overheard
from engine.warming import warm
from store import journal
from store.database import Store, Tx
from store.discreet import Discreet

from . import acknowledging, webhooks
from .bots import OpenBot, given, name_all, open_bots
from .covering import read_cover
from .elsewhere import Elsewhere
from .key_care import look_after_keys
from .logs import Refusal
from .opening import open_store
from .refusing import Refused
from .unlocking import unlock_service
from .watching import Watching, watch_over
from .web import Pages, web_app

if TYPE_CHECKING:
    from aiohttp import web

    from responders.channels.mail import MailChannel

DEFENDERS, RESPONDERS, MAIL = "defender:telegram", "responder:telegram", "responder:mail"  # lanes of the first bots
MAIL_LIMITS = Limits(a_second=5, chat_every=0.0)


class Ended(Exception):
    """A part of the service ended that runs until it is cancelled; the message names it."""


@dataclass(frozen=True, slots=True, repr=False)
class Service(Discreet):
    """Everything that is open."""

    settings: Settings
    store: Store
    engine: Engine
    bots: Sequence[OpenBot]
    watching: Watching
    pages: Pages
    languages: tuple[str, ...]

    async def warm_up(self) -> None:
        """Have the first alarm be as fast as any other, before `run`.

        What is there by then stays: to look through it all for what nobody needs stops everything for 0.2 s."""
        await warm(self.store, self.engine.happenings.book, {bot.lane: bot.channel for bot in self.bots})
        gc.freeze()

    async def run(self) -> None:
        """Run until cancelled; then nothing is left half done. Raises Ended, or what ended a part."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._engine(), name="engine")
            tasks.create_task(self._keys(), name="look after the keys")
            tasks.create_task(self._checkpoints(), name="sign checkpoints")
            tasks.create_task(self._other_bots(), name="find another way to whose bot is gone")
            for bot in self.bots:
                tasks.create_task(bot.room.dress(), name=f"dress the bot of {bot.source}")
                settling = webhooks.settle(bot.token, self.settings.telegram_api, self.settings.webhook_url, bot.source)
                tasks.create_task(settling, name=f"settle how updates of {bot.source} come")
            self.watching.begin(tasks)

    async def _keys(self) -> None:
        if self.store.vault.is_locked:
            unlocked = asyncio.Event()
            await unlock_service(self.store.vault.keyring, self.settings, unlocked)
            await self.store.run(_begin_unlocked)
            self.engine.unlocked.set()
        await look_after_keys(self.store)

    async def _other_bots(self) -> None:
        await self.engine.unlocked.wait()
        if await self.store.run(lambda tx: settle_absent(tx, self.engine.happenings)):
            self.engine.changed()

    async def _checkpoints(self) -> None:
        holders = Holders(self.settings.checkpoint_drop, partners=self.settings.checkpoint_partners)
        await Checkpointing(self.store, holders, self.engine.turns.keeps_house).run()

    async def _engine(self) -> None:
        await self.engine.run()
        raise Ended("the engine")


@asynccontextmanager
async def open_service(
    settings: Settings,
    book: Book,
    clock: Clock,
    limits: Mapping[str, Limits] | None = None,
    *,
    long_poll: int = LONG_POLL,
    deaf_after: float = DEAF_AFTER,
) -> AsyncIterator[Service]:
    """Open every room, and close them in reverse. Nothing runs before `Service.run`.

    `limits` replace the messengers' own, by lane; `long_poll` and `deaf_after` are in seconds. Raises Refused with a
    sentence when something cannot be opened."""
    async with AsyncExitStack() as rooms:
        store = await rooms.enter_async_context(open_store(settings, clock))
        texts = await asyncio.to_thread(_texts)
        covered = await asyncio.to_thread(read_cover, settings, texts)
        said = Elsewhere(covered.say, settings.elsewhere)
        given(settings)
        names = await store.run(lambda tx: name_all(tx, settings))
        bots = await asyncio.to_thread(open_bots, settings, texts, covered, said, names)
        for bot in bots:
            rooms.push_async_callback(bot.room.close)
        channels: dict[str, Channel] = {bot.lane: bot.channel for bot in bots}
        tried = next(bot for bot in bots if bot.side == "responder")
        channels[tried.lane] = alarms = Overheard(tried.channel, tried.name)
        if settings.mail_url is not None:
            channels[MAIL] = mail = _mail(settings.mail_url, settings.public_url, texts, clock)
            rooms.push_async_callback(mail.close)
        polled = [None if settings.webhook_url else bot.token.get_secret_value() for bot in bots]
        api = settings.telegram_api
        several = {side for side, some in names.items() if len(some) > 1}
        sources = [
            Source(bot.room.door, token, api, is_one_of_several=bot.side in several)
            for bot, token in zip(bots, polled, strict=True)
        ]
        paces = {MAIL: MAIL_LIMITS, **(limits or {})}
        paces |= {bot.lane: paces[bare] for bot in bots if (bare := f"{bot.side}:telegram") in paces}
        engine = Engine(store, clock, book, sources, channels, paces, long_poll=long_poll, deaf_after=deaf_after)
        watching = watch_over(engine, settings, bots, alarms)
        said.is_degraded = watching.wellbeing.alerting_is_degraded
        engine.metrics.registry.register(Refusal())
        brought = [webhooks.route(bot.token, engine.intakes[bot.source]) for bot in bots]
        more = [*(brought if settings.webhook_url else ()), *_mail_page(settings, texts, engine)]
        app = web_app(watching.wellbeing, engine.metrics.registry, more)
        pages = Pages(app, *settings.listen)
        try:
            await pages.open()
        except OSError:
            host, port = settings.listen
            raise Refused(f"{host}:{port} is taken or not ours: name another address in TOCSIN_LISTEN.") from None
        rooms.push_async_callback(pages.close)
        yield Service(settings, store, engine, bots, watching, pages, texts.languages)


def _begin_unlocked(tx: Tx) -> None:
    tx.vault.settle(tx.connection, tx.now)
    journal.write(tx, "unlocked")


def _texts() -> Texts:
    try:
        return Texts()
    except ValueError as fault:
        raise Refused(str(fault)) from None


def _mail_page(settings: Settings, texts: Texts, engine: Engine) -> "list[web.RouteDef]":
    """The page behind the link in an alarm's mail, where there is such a link."""
    if settings.public_url is None:
        return []
    from config.seen_page import load_seen_page
    from responders.mail_answers import MailAnswers

    answers = MailAnswers(engine.store, engine.happenings, engine.changed)
    return acknowledging.routes(load_seen_page(texts.say, texts.languages), answers)


def _mail(url: SecretStr, public_url: str | None, texts: Texts, clock: Clock) -> "MailChannel":
    from responders.channels.mail import MailChannel

    from .mailing import mail_server

    return MailChannel(mail_server(url), texts.say, clock, acknowledging.link_of(public_url) if public_url else None)
