"""The one composition root: the rooms are opened in order, joined, and closed in reverse.

Settings, database, texts, both doors, the engine, the pages; then everything runs until it is cancelled. What ends by
itself ends the service: the supervisor starts it again, and what was under way is settled after that.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from config.cities import load_cities
from config.covers import Covered
from config.panic import load_panic_words
from config.settings import Settings
from config.texts import Texts
from engine.checkpointing import Checkpointing, Holders
from engine.clock import Clock
from engine.engine import Engine, Source
from engine.hearing import DEAF_AFTER
from engine.letter import Channel
from engine.pace import Limits
from engine.planning import Book
from engine.polling import LONG_POLL
from engine.trials import Overheard
from store import journal
from store.database import Store, Tx

from . import acknowledging, webhooks
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

    from bot.door import DefendersDoor
    from responders.channels.mail import MailChannel
    from responders.door import RespondersDoor

DEFENDERS, RESPONDERS, MAIL = "defender:telegram", "responder:telegram", "responder:mail"
MAIL_LIMITS = Limits(a_second=5, chat_every=0.0)


class Ended(Exception):
    """A part of the service ended that runs until it is cancelled; the message names it."""


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that is open."""

    settings: Settings
    store: Store
    engine: Engine
    defenders: "DefendersDoor"
    responders: "RespondersDoor"
    watching: Watching
    pages: Pages

    async def run(self) -> None:
        """Run until cancelled; then nothing is left half done. Raises Ended, or what ended a part."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._engine(), name="engine")
            tasks.create_task(self._keys(), name="look after the keys")
            tasks.create_task(self._checkpoints(), name="sign checkpoints")
            tasks.create_task(self.defenders.dress(), name="dress the defenders' bot")
            tasks.create_task(self.responders.dress(), name="dress the responders' bot")
            for source, token in _tokens(self.settings).items():
                settling = webhooks.settle(token, self.settings.telegram_api, self.settings.webhook_url, source)
                tasks.create_task(settling, name=f"settle how updates of {source} come")
            self.watching.begin(tasks)

    async def _keys(self) -> None:
        if self.store.vault.is_locked:
            unlocked = asyncio.Event()
            await unlock_service(self.store.vault.keyring, self.settings, unlocked)
            await self.store.run(_begin_unlocked)
            self.engine.unlocked.set()
        await look_after_keys(self.store)

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
        defenders, responders = await asyncio.to_thread(_doors, settings, texts, covered, said)
        rooms.push_async_callback(responders.close)
        rooms.push_async_callback(defenders.close)
        alarms = Overheard(responders.channel)
        channels: dict[str, Channel] = {DEFENDERS: defenders.channel, RESPONDERS: alarms}
        if settings.mail_url is not None:
            channels[MAIL] = mail = _mail(settings.mail_url, settings.public_url, texts, clock)
            rooms.push_async_callback(mail.close)
        tokens = _tokens(settings)
        polled = {name: None if settings.webhook_url else token.get_secret_value() for name, token in tokens.items()}
        sources = [
            Source(door, polled[door.source], settings.telegram_api) for door in (defenders.door, responders.door)
        ]
        paces = {MAIL: MAIL_LIMITS, **(limits or {})}
        engine = Engine(store, clock, book, sources, channels, paces, long_poll=long_poll, deaf_after=deaf_after)
        lanes = {"defenders": DEFENDERS, "responders": RESPONDERS}
        watching = watch_over(engine, settings, tokens, lanes, alarms)
        said.is_degraded = watching.wellbeing.alerting_is_degraded
        engine.metrics.registry.register(Refusal())
        brought = [webhooks.route(token, engine.intakes[name]) for name, token in tokens.items()]
        more = [*(brought if settings.webhook_url else ()), *_mail_page(settings, texts, engine)]
        app = web_app(watching.wellbeing, engine.metrics.registry, more)
        pages = Pages(app, *settings.listen)
        try:
            await pages.open()
        except OSError:
            host, port = settings.listen
            raise Refused(f"{host}:{port} is taken or not ours: name another address in TOCSIN_LISTEN.") from None
        rooms.push_async_callback(pages.close)
        yield Service(settings, store, engine, defenders, responders, watching, pages)


def _begin_unlocked(tx: Tx) -> None:
    tx.vault.settle(tx.connection, tx.now)
    journal.write(tx, "unlocked")


def _tokens(settings: Settings) -> dict[str, SecretStr]:
    if settings.defender_bot_token is None or settings.responder_bot_token is None:
        raise Refused("Both bots need a token: set TOCSIN_DEFENDER_BOT_TOKEN and TOCSIN_RESPONDER_BOT_TOKEN.")
    return {"defenders": settings.defender_bot_token, "responders": settings.responder_bot_token}


def _texts() -> Texts:
    try:
        return Texts()
    except ValueError as fault:
        raise Refused(str(fault)) from None


def _doors(
    settings: Settings, texts: Texts, covered: Covered, said: Elsewhere
) -> "tuple[DefendersDoor, RespondersDoor]":
    """Both doors. Their libraries take seconds to import, so this runs beside the loop."""
    import bot.door
    import responders.door

    tokens, api = _tokens(settings), settings.telegram_api
    defenders = bot.door.open_door(
        token=tokens["defenders"].get_secret_value(),
        api=api,
        say=said,
        panic_words=load_panic_words(),
        languages=texts.languages,
        cities=load_cities(),
        cover=covered.say(settings.language, "defender.cover"),
    )
    others = responders.door.open_door(
        token=tokens["responders"].get_secret_value(),
        api=api,
        say=texts.say,
        attachments=defenders.attachments,
        languages=texts.languages,
        language=settings.language,
    )
    return defenders, others


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
