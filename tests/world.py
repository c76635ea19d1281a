"""A whole service on a stage: the real store, engine and both real bots, phones in place of people, a clock to push.

Time stands still between pushes but for the real milliseconds that the work takes. A story says what people do and
hear; at its end nobody may have heard anything that the story did not expect.
"""

import asyncio
import time as real
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

import bot.door
import responders.door
from bot.grid import SIGNS
from config.check_words import load_check_words
from config.cities import load_cities
from config.ladders import load_ladders
from config.panic import load_panic_words
from config.texts import Texts
from engine import enrolment
from engine.engine import Engine, Source
from engine.hearing import State
from engine.letter import Channel
from engine.pace import Limits
from engine.planning import Book, spoken
from escalation import watch as watch_machine
from escalation.ladder import Profile
from escalation.people import DefenderId, ResponderId, Role, WatchId
from escalation.routine import Daily
from rehearsal.accounts import BotAccount
from rehearsal.clock import RehearsalClock
from rehearsal.phone import Phone
from rehearsal.server import Stage
from store import addresses, codes, deliveries, inbox, people, spoken_checks, watches
from store.database import Store, Tx
from store.keyring import Keyring
from store.words import hash_code, hash_word
from tests.keys import KEYRING
from tocsin.board import read_board
from tocsin.elsewhere import Elsewhere

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
UNLIMITED = Limits(a_second=None)
TOKENS = {"defenders": "100001:" + "d" * 35, "responders": "100002:" + "r" * 35}
PATIENCE = 8.0  # real seconds until everything that is due must be done

_texts, _cities = cache(Texts), cache(load_cities)  # read once for all worlds


@dataclass
class World:
    """One service and its people."""

    folder: Path
    url: str | None = None
    clock: RehearsalClock = field(default_factory=lambda: RehearsalClock(MORNING))
    limits: Mapping[str, Limits] = field(
        default_factory=lambda: {"defender:telegram": UNLIMITED, "responder:telegram": UNLIMITED}
    )
    stage_limits: bool = False
    shows_board: bool = False
    deaf_after: float = 60.0
    profiles: Mapping[str, Profile] | None = None
    more_channels: Mapping[str, Channel] = field(default_factory=dict)
    keyring: Keyring = KEYRING
    is_degraded: bool = False
    stage: Stage = field(init=False)
    store: Store = field(init=False)
    engine: Engine = field(init=False)
    phones: dict[str, Phone] = field(default_factory=dict)
    ids: dict[str, UUID] = field(default_factory=dict)
    defenders_bot: BotAccount = field(init=False)
    responders_bot: BotAccount = field(init=False)

    async def __aenter__(self) -> Self:
        self.stage = Stage(self.clock, limits=self.stage_limits, board=self._board if self.shows_board else None)
        self.defenders_bot = self.stage.add_bot(TOKENS["defenders"], "daybook_bot", "Daybook")
        self.responders_bot = self.stage.add_bot(TOKENS["responders"], "rota_bot", "Rota")
        await self.stage.open()
        try:
            await self.open_service()
        except BaseException:
            await self.stage.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.close_service()
        finally:
            await self.stage.close()

    async def open_service(self, *, ready: bool = True) -> None:
        """Open the rooms in order and let the service run; do not wait until it keeps time unless `ready`."""
        url = self.url or f"sqlite:///{self.folder / 'tocsin.db'}"
        self.store = await Store.open(url, self.clock.now, self.keyring)
        ladders = load_ladders(None)
        texts = _texts()
        self.said = Elsewhere(texts.say, "+47 22 00 00 00", lambda: self.is_degraded)
        self.book = Book(self.profiles or ladders.profiles, ladders.chains, load_check_words())
        self._defenders_door = bot.door.open_door(
            token=TOKENS["defenders"],
            api=self.stage.url,
            say=self.said,
            languages=texts.languages,
            panic_words=load_panic_words(),
            cities=_cities(),
            cover="This is a private notebook.",
        )
        self._responders_door = responders.door.open_door(
            token=TOKENS["responders"],
            api=self.stage.url,
            say=texts.say,
            attachments=self._defenders_door.attachments,
        )
        self.engine = Engine(
            self.store,
            self.clock,
            self.book,
            [
                Source(self._defenders_door.door, TOKENS["defenders"], self.stage.url),
                Source(self._responders_door.door, TOKENS["responders"], self.stage.url),
            ],
            {
                "defender:telegram": self._defenders_door.channel,
                "responder:telegram": self._responders_door.channel,
                **self.more_channels,
            },
            self.limits,
            long_poll=1,
            deaf_after=self.deaf_after,
        )
        self._running = asyncio.create_task(self.engine.run(), name="service")
        if not ready:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self.engine.ready.wait()
        except BaseException:
            await self.close_service()
            raise

    async def close_service(self) -> None:
        """Stop the service as SIGTERM does."""
        self._running.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await self._running
        finally:
            await self._defenders_door.close()
            await self._responders_door.close()
            await self.store.close()

    async def open_service_after(self, **span: float) -> None:
        """Start the stopped service again after a while, with the clock going on."""
        self.clock.advance(timedelta(**span))
        await self.open_service()
        await self.settle()

    async def until(self, true: Callable[[], bool], within: float = PATIENCE) -> None:
        """Wait until something is so that nobody tells a test about; fails after `within` real seconds."""
        async with asyncio.timeout(within):
            while not true():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def become_deaf(self) -> None:
        """Have the messenger answer nothing until the service has noticed."""
        self.stage.stand_still()
        await self.until(lambda: self.engine.state() is State.DEAF)

    async def restart(self) -> None:
        """Stop the service and start it again on the same database."""
        await self.close_service()
        await self.open_service()

    async def _board(self) -> dict[str, object]:
        return await read_board(self.store)

    # People

    async def defender(
        self,
        name: str = "Ana",
        *,
        profile: str = "standard",
        times: Iterable[time] = (time(9, 0),),
        zone: str = "UTC",
        safe_word: str = "maple",
        watched: bool = True,
        code: Sequence[int] | None = None,
    ) -> Phone:
        """A defender who is enrolled, with a routine unless `watched` is False, and a code where one is given."""
        phone = self._phone(name, "defender")

        def enrol(tx: Tx) -> DefenderId:
            person = people.add_defender(tx, name, language="en", zone=zone, profile=profile, chain="default")
            hashed = hash_word(safe_word, partial(tx.vault.peppered, person))
            people.change_defender(
                tx, person, state="active", times=tuple(times), safe_word=hashed, consented_at=tx.now
            )
            addresses.add(tx, person, "defender", "telegram", str(phone.id), verified=True)
            if code is not None:
                codes.save(tx, person, hash_code(code, partial(tx.vault.peppered, person)))
            if watched:
                pace = self.book.profile(profile).pace
                routine = Daily(tuple(times), zone)
                watches.save(tx, watch_machine.begin(WatchId(uuid4()), person, routine, pace, tx.now))
            return person

        self.ids[name] = await self.store.run(enrol)
        await self._greet(phone, self.defenders_bot)
        return phone

    async def responder(
        self, name: str, role: Role = Role.CONTACT, *, tier: str | None = "contacts", of: str = "Ana"
    ) -> Phone:
        """A responder who has agreed, in `tier` of the chain of `of`; tier None for the shared roles."""
        phone = self._phone(name, role.value)

        def enrol(tx: Tx) -> ResponderId:
            person = people.add_responder(tx, name, role, language="en")
            people.change_responder(tx, person, state="active", consented_at=tx.now)
            addresses.add(tx, person, "responder", "telegram", str(phone.id), verified=True)
            if tier is not None:
                people.place_in_tier(tx, self.ids[of], tier, person)
            return person

        self.ids[name] = await self.store.run(enrol)
        await self._greet(phone, self.responders_bot)
        return phone

    async def confirm(self, name: str) -> str:
        """Compare the four words with somebody who was invited, as a coordinator does by voice; gives the words."""

        def compare(tx: Tx) -> str:
            who = people.defender(tx, self.ids[name]) or people.responder(tx, self.ids[name])
            check = spoken_checks.unconfirmed(tx, self.ids[name])
            assert who is not None
            assert check is not None, f"{name} waits for no spoken check"
            assert enrolment.confirm(tx, self.engine.happenings, who)
            return spoken(self.book, check)

        words = await self.store.run(compare)
        self.engine.changed()
        return words

    async def mailbox(self, name: str, *, besides_chat: bool = True) -> None:
        """Give a responder a second address, by mail, or the only one."""

        def add(tx: Tx) -> None:
            if not besides_chat:
                addresses.forget(tx, self.ids[name])
            addresses.add(tx, self.ids[name], "responder", "mail", f"{name.lower()}@example.org", verified=True)

        await self.store.run(add)

    def _phone(self, name: str, badge: str) -> Phone:
        phone = self.stage.add_phone(name, badge=badge)
        self.phones[name] = phone
        return phone

    async def _greet(self, phone: Phone, at: BotAccount) -> None:
        phone.start(at)
        await self.settle()
        phone.read(at)
        self.engine.changed()

    async def tap(self, name: str, signs: Sequence[int]) -> None:
        """Somebody taps signs of the newest grid in their chat."""
        for sign in signs:
            self.phones[name].press(self.defenders_bot, SIGNS[sign])
            await self.settle()

    # Time

    async def later(self, **span: float) -> None:
        """Push the clock and let everything happen that is due."""
        self.clock.advance(timedelta(**span))
        await self.settle()

    async def settle(self, within: float = PATIENCE) -> None:
        """Wait until nothing is left to read, to decide or to send; fails after `within` real seconds."""
        until = real.monotonic() + within
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0.01)
            busy = await self._busy()
            quiet = 0 if busy else quiet + 1
            assert real.monotonic() < until, f"still busy after {within} s: {busy}"

    async def _busy(self) -> str:
        for each in (self.defenders_bot, self.responders_bot):
            if self.stage.waiting(each):
                return "updates wait at the messenger"

        def work(tx: Tx) -> str:
            if not inbox.is_empty(tx, self.engine.stuck()):
                return "the inbox is not empty"
            kept_back = self.stage.faults.holding + self.stage.outage.holds
            if sum(len(lane._sends) for lane in self.engine.lanes) > kept_back:
                return "something is being sent"
            ready = [deliveries.next_ready(tx, lane.name) for lane in self.engine.lanes]
            return "something is ready to be sent" if any(at is not None and at <= tx.now for at in ready) else ""

        return await self.store.run(work) or ("" if not self.engine.is_behind() else "something is due")

    # What people hear

    def silence(self, *but: str) -> None:
        """Fail if anybody, except the people named, has heard something that the story did not expect."""
        unheard = [
            f"{name}: {message.text}"
            for name, phone in self.phones.items()
            if name not in but
            for at in (self.defenders_bot, self.responders_bot)
            for message in phone.unheard(at, edits=False)
        ]
        assert not unheard, "Nobody expected this:\n" + "\n".join(unheard)
