"""Bar H1: whatever else happens, a call for help reaches somebody of the first tier.

The real engine runs on a real store; what happens around a call is drawn by lot: floods, cancels, false alarms before,
force, restarts, jumps of the clock, and channels that fail in every way."""

import asyncio
import json
import time as real
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import delete, select

from config.ladders import load_ladders
from engine import acts
from engine.defender_acts import DefenderActs
from engine.engine import Engine, Source
from engine.letter import Letter, OutcomeUnknown, PermanentFailure, Receipt, TemporaryFailure
from engine.pace import Limits
from engine.planning import Book
from engine.splitting import RawUpdate
from escalation import incident_words as said
from escalation import watch as watch_machine
from escalation.incident_words import Kind, Outcome
from escalation.lowering import Verdict, Want, Wish
from escalation.people import DefenderId, ResponderId, Role, WatchId
from escalation.routine import Daily
from store import addresses, deliveries, inbox, incidents, journal, people, watches
from store.database import Store, Tx
from store.tables.calling import INCIDENT
from store.tables.people import PERSON
from tests.bars.conftest import Bar
from tests.bot.conftest import NOWHERE, opened
from tests.databases import START, fresh_store

WITHIN = timedelta(minutes=15)  # of the service's time, once channels work again
STEP = timedelta(seconds=30)
PATIENCE = 20.0  # real seconds for what is under way
CALLS = ["SOS", "/panic", "help", "🔹 Now", "¡AUXILIO!", "помогите", "النجدة", "sos sos sos"]
CANCELS = ["/keep", "/pause off", "/later 1h", "/times 9:00", "/language en", "false alarm, sorry"]
ALERTS = {"responder.alarm", "responder.end_of_chain", "responder.news"}
HIDDEN = {"forward_origin": {"type": "hidden_user", "date": 1}}  # the library cannot decode it
UNLIMITED = Limits(a_second=None)
MODES = ["ok", "down", "silent", "gone"]
chats, updates = count(700_000), count(1)


@dataclass
class Hand:
    """A clock that stands still until it is moved, forwards or backwards."""

    shown: datetime = START
    heard: list[Callable[[], None]] = field(default_factory=list)

    def now(self) -> datetime:
        return self.shown

    def delay_until(self, when: datetime) -> float:
        return (when - self.shown).total_seconds()

    def on_change(self, callback: Callable[[], None]) -> None:
        self.heard.append(callback)

    def move(self, by: timedelta) -> None:
        self.shown += by
        for callback in self.heard:
            callback()


@dataclass
class Mouth:
    """A channel that takes letters, or fails in a way; `taken` are pairs of a person and the incident that they were
    alarmed of, or had news of."""

    mode: str = "ok"
    taken: list[tuple[UUID | None, UUID]] = field(default_factory=list)

    async def deliver(self, address: str, letter: Letter) -> Receipt:
        match self.mode:
            case "down":
                raise TemporaryFailure("no_connection")
            case "silent":
                raise OutcomeUnknown("no_answer_in_time")
            case "gone":
                raise PermanentFailure("blocked")
            case _:
                pass
        if letter.template in ALERTS and letter.incident is not None:
            self.taken.append((letter.person, letter.incident.id))
        return Receipt(str(letter.key))


class House:
    """One store for all traces, and a service that is started again and again on it."""

    def __init__(self, folder: Path) -> None:
        """Nothing is open before `open`."""
        self._folder = folder
        self._rooms = AsyncExitStack()
        self.clock, self.chat, self.mail = Hand(), Mouth(), Mouth()
        self.book = Book(load_ladders(None).profiles, load_ladders(None).chains)
        self.store: Store
        self.engine: Engine
        self._running: asyncio.Task[None]

    async def open(self) -> None:
        """Open the store and begin."""
        self.store = await self._rooms.enter_async_context(fresh_store("sqlite", self._folder, self.clock.now))
        self.door = opened(NOWHERE)
        await self.begin()

    async def begin(self) -> None:
        """Start the service."""
        self.clock.heard.clear()
        channels = {"responder:telegram": self.chat, "responder:mail": self.mail, "defender:telegram": Mouth()}
        source, limits = Source(self.door.door, None, ""), dict.fromkeys(channels, UNLIMITED)
        self.engine = Engine(self.store, self.clock, self.book, [source], channels, limits)
        self._running = asyncio.create_task(self.engine.run(), name="service")
        await asyncio.sleep(0)

    async def end(self) -> None:
        """Stop the service as a signal does."""
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def close(self) -> None:
        """Stop, and close the store."""
        await self.end()
        await self.door.close()
        await self._rooms.aclose()

    async def settle(self) -> None:
        """Wait until nothing is left that can be done at this moment."""
        self.engine.changed()
        until, quiet = real.monotonic() + PATIENCE, 0
        while quiet < 2:
            await asyncio.sleep(0.002)
            quiet = 0 if self.engine.is_behind() or await self.store.run(self._busy) else quiet + 1
            assert real.monotonic() < until, "the service does not come to rest"

    def _busy(self, tx: Tx) -> bool:
        ready = (deliveries.next_ready(tx, name) for name in ("responder:telegram", "responder:mail"))
        return not inbox.is_empty(tx) or any(at is not None and at <= tx.now for at in ready)


HOUSE: list[tuple[House, "asyncio.Runner"]] = []
HELD: list[int] = []  # how many calls each trace made


class Trace(RuleBasedStateMachine):
    """One stretch of Ana's life, and of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.house, self.runner = HOUSE[0]
        self.house.chat.mode = self.house.mail.mode = "ok"
        self.chat = next(chats)
        self.calls = 0
        self.ana, self.first = self.runner.run(self.house.store.run(self._enrol))

    def _enrol(self, tx: Tx) -> tuple[DefenderId, tuple[ResponderId, ...]]:
        ana = people.add_defender(tx, "Ana", language="en", zone="UTC", profile="standard", chain="default")
        people.change_defender(tx, ana, state="active", consented_at=tx.now, times=(time(9),))
        addresses.add(tx, ana, "defender", "telegram", str(self.chat), verified=True)
        pace = self.house.book.profile("standard").pace
        watches.save(tx, watch_machine.begin(WatchId(uuid4()), ana, Daily((time(9),), "UTC"), pace, tx.now))
        placed = []
        for tier, role in (("contacts", Role.CONTACT), ("contacts", Role.CONTACT), ("colleagues", Role.COLLEAGUE)):
            person = people.add_responder(tx, "Bo", role, language="en")
            people.change_responder(tx, person, state="active", consented_at=tx.now)
            for channel in ("telegram", "mail"):
                addresses.add(tx, person, "responder", channel, f"{channel}{person}", verified=True)
            people.place_in_tier(tx, ana, tier, person)
            placed.append(person)
        return ana, tuple(placed[:2])

    def _take_in(self, chat: int, **content: Any) -> None:
        sender = {"id": chat, "is_bot": False, "first_name": "A"}
        message = {"message_id": 7, "date": 1, "chat": {"id": chat, "type": "private"}, "from": sender, **content}
        number = next(updates)
        update = {"update_id": number, "message": message}
        raw = RawUpdate(number, json.dumps(update).encode(), update)
        self.runner.run(self.house.engine.intakes["defenders"].keep([raw]))

    def _doing(self, act: acts.Act, tx: Tx) -> None:
        record = people.defender(tx, self.ana)
        if record is not None and record.state == "active":
            DefenderActs(self.house.engine.happenings).carry_out(tx, record, act, f"panic:{uuid4()}", tx.now)

    @rule(text=st.sampled_from(CALLS), broken=st.booleans())
    def calls_for_help(self, text: str, broken: bool) -> None:
        """Ana calls; now and then in a message that the library cannot read."""
        self.calls += 1
        self._take_in(self.chat, text=text, **(HIDDEN if broken else {}))

    @rule(text=st.sampled_from(CANCELS))
    def cancels(self, text: str) -> None:
        """Whoever holds the phone takes it back."""
        self._take_in(self.chat, text=text)

    @rule(verdict=st.sampled_from(Verdict), want=st.sampled_from([Want.SIGN, Want.PAUSE, Want.LEAVE]))
    def taps_a_code(self, verdict: Verdict, want: Want) -> None:
        """A code comes, of any kind."""
        wish = Wish(want, length=timedelta(hours=9))
        self.runner.run(self.house.store.run(partial(self._doing, acts.Asked(wish, verdict))))

    @rule(strangers=st.booleans(), many=st.integers(1, 12))
    def floods(self, strangers: bool, many: int) -> None:
        """Many messages, of strangers or of Ana's account."""
        for number in range(many):
            self._take_in(next(chats) if strangers else self.chat, text=f"/help {number}")

    @rule(outcome=st.sampled_from(Outcome))
    def closes_what_is_open(self, outcome: Outcome) -> None:
        """Two people say how it ended, as with a false alarm; they can only speak of what somebody has heard of."""
        heard = self._heard()

        def close(tx: Tx) -> None:
            for incident in incidents.open_of_defender(tx, self.ana):
                for by in self.first if incident.id in heard else ():
                    current = incidents.load(tx, incident.id)
                    if current is not None:
                        self.house.engine.happenings.to_incident(tx, current, said.Closed(by, outcome))

        self.runner.run(self.house.store.run(close))

    @rule(chat=st.sampled_from(MODES), mail=st.sampled_from(MODES[:3]))
    def channels_change(self, chat: str, mail: str) -> None:
        """A channel fails, or works again."""
        self.house.chat.mode, self.house.mail.mode = chat, mail

    @rule(settled=st.booleans())
    def starts_again(self, settled: bool) -> None:
        """The service stops, at rest or in the middle of something, and is started again."""
        if settled:
            self.settles()
        self.runner.run(self.house.end())
        self.runner.run(self.house.begin())

    @rule(hours=st.sampled_from([-48.0, -24.0, -7.0, -1.0, -0.25, -0.01, 0.01, 0.2, 1.0, 25.0, 48.0]))
    def clock_jumps(self, hours: float) -> None:
        """The clock is set."""
        self.house.clock.move(timedelta(hours=hours))

    @rule()
    def settles(self) -> None:
        """Everything is done that can be."""
        self.runner.run(self.house.settle())

    def _heard(self) -> set[UUID]:
        """The incidents that somebody of the first tier knows of."""
        taken = [*self.house.chat.taken, *self.house.mail.taken]
        return {incident for person, incident in taken if person in self.first}

    def _came_of_it(self, tx: Tx) -> tuple[set[UUID], int]:
        """The incidents that a call of Ana's opened or belongs to, and how many calls were kept in the journal."""
        ids = tx.connection.execute(select(INCIDENT.c.id).where(INCIDENT.c.defender == self.ana)).scalars()
        loaded = [one for each in ids.all() if (one := incidents.load(tx, each)) is not None]
        events = [entry.event for each in loaded for entry in journal.of_incident(tx, each.id)]
        opened: set[UUID] = {one.id for one in loaded if one.kind is Kind.PANIC}
        forced: set[UUID] = {one.id for one in loaded if one.kind is Kind.DURESS}
        return opened or forced, len(opened) + events.count("defender_called_again")

    def teardown(self) -> None:
        """Channels work again; within a while somebody of the first tier has heard of every call."""
        if not self.calls:
            self.calls_for_help("SOS", broken=False)
        self.house.chat.mode = self.house.mail.mode = "ok"
        until = self.house.clock.now() + WITHIN
        self.settles()
        owed, kept = self.runner.run(self.house.store.run(self._came_of_it))
        while not owed <= self._heard() and self.house.clock.now() < until:
            self.house.clock.move(STEP)
            self.settles()
        heard = self._heard()
        self.runner.run(self.house.store.run(self._forget))
        self.house.chat.taken.clear()
        self.house.mail.taken.clear()
        HELD.append(self.calls)
        assert kept >= self.calls, "A call for help was not kept."
        assert owed, "A call for help opened nothing."
        assert owed <= heard, "A call for help reached nobody of the first tier."

    def _forget(self, tx: Tx) -> None:
        people.erase_defender(tx, self.ana)
        tx.connection.execute(delete(PERSON))


@pytest.mark.parametrize("_part", [1, 2, 3, 4])
def test_h1_a_call_for_help_reaches_the_first_tier_whatever_else_happens(tmp_path: Path, bar: Bar, _part: int) -> None:
    traces = bar.size(4, 2_500)
    HELD.clear()
    with asyncio.Runner() as runner:
        house = House(tmp_path)
        runner.run(house.open())
        HOUSE[:] = [(house, runner)]
        try:
            run_state_machine_as_test(
                Trace,
                settings=settings(
                    max_examples=traces, stateful_step_count=8, deadline=None, database=None,
                    suppress_health_check=list(HealthCheck), report_multiple_bugs=False, phases=(Phase.generate,),
                ),
            )  # fmt: skip
        finally:
            runner.run(house.close())
    bar.holds(
        "any trace with a call for help has an alert to the first tier, within 15 minutes of a channel that works",
        f"{len(HELD):,} traces with {sum(HELD):,} calls, every one heard",
    )
