"""Bars F1 to F4: a good, a forced and a wrong code cannot be told apart on the phone, by what it is sent or by how
soon; and nothing that comes from it ends what force has begun."""

import asyncio
import json
import math
import random
import statistics
import time as real
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import chain, product
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from aiogram.types import Update as Decoded

from bot.grid import SIGNS, TAPS, Grid, Step
from config.ladders import load_ladders
from engine import acts
from engine.committing import Committing
from engine.defender_acts import DefenderActs
from engine.door import Door
from engine.happenings import Happenings
from engine.lowering import Lowerings
from engine.metrics import Metrics
from engine.planning import Book
from engine.reading import Reader
from escalation import lowering as machine
from escalation import watch as watch_machine
from escalation.incident_words import Kind
from escalation.lowering import Verdict, Want, Wish
from escalation.people import DefenderId, LoweringId, Role, WatchId
from escalation.routine import Daily
from escalation.secrets import Code
from rehearsal.messages import Call
from store import addresses, codes, inbox, incidents, lowerings, people, watches
from store.data_keys import DataKeys
from store.database import Store, Tx
from store.records import Words
from store.vault import Vault
from store.words import hash_code, read_code
from tests.bars.conftest import Bar
from tests.bars.still import StillClock
from tests.bot.conftest import NOWHERE, opened
from tests.databases import Hands, fresh_store
from tests.keys import KEYRING
from tests.world import MORNING, World

CODE, SLIP, OTHER = (0, 1, 2, 3), (0, 1, 2, 9), (7, 7, 8, 3)
ROWS = {"Ana": CODE, "Bea": OTHER, "Cora": SLIP}  # what each of them taps first; a good code always follows
ALIKE_AT = 0.01  # p of Kolmogorov and Smirnov; below it two of them would be told apart
AS_SOON = 0.005  # seconds between the means
BOOK = Book(load_ladders(None).profiles, load_ladders(None).chains)


# F1


def shown(call: Call, start: datetime) -> str:
    """A call as the phone shows it, without what is drawn by lot: the nonces, and the order of the signs."""
    said = json.loads(call.said)
    for row_of in said.get("reply_markup", {}).get("inline_keyboard", []):
        for button in row_of:
            if button.get("callback_data", "").startswith("."):
                button["callback_data"] = "."
    keys = said.get("reply_markup", {}).get("inline_keyboard")
    if keys:
        said["reply_markup"]["inline_keyboard"] = sorted(json.dumps(one, sort_keys=True) for row in keys for one in row)
    second = (call.at - start).total_seconds()
    return f"{second} {call.method} {json.dumps(said, ensure_ascii=False, sort_keys=True)}"


@dataclass
class Lives:
    """People who do the same things at the same moments and tap different rows, and what they are sent."""

    world: World
    start: datetime
    counted: int = 0
    read: dict[str, int] = field(default_factory=dict)
    rows: Mapping[str, Sequence[int]] = field(default_factory=lambda: ROWS)

    async def type(self, text: str) -> None:
        for name in self.rows:
            self.world.phones[name].type(self.world.defenders_bot, text)
        await self.same()

    async def tap(self, rows: Mapping[str, Sequence[int]]) -> None:
        for place in range(TAPS):
            for name in self.rows:
                self.world.phones[name].press(self.world.defenders_bot, SIGNS[rows[name][place]])
            await self.same()

    async def later(self, **span: float) -> None:
        self.world.clock.advance(timedelta(**span))
        await self.same()

    async def until(self, day: int, clock: str) -> None:
        """Go on to a time of a later day."""
        then = datetime.combine(self.start.date() + timedelta(days=day), time.fromisoformat(clock), UTC)
        await self.later(seconds=(then - self.world.clock.now()).total_seconds())

    async def same(self) -> None:
        """Whatever was sent since the last time was sent to all of them."""
        await self.world.settle(within=60)
        with suppress(TimeoutError):  # what is different after that stays different
            await self.world.until(lambda: len({self._new(name) for name in self.rows}) == 1)
        sent = []
        for name in self.rows:
            calls = self.world.phones[name].transcript(self.world.defenders_bot)
            sent.append(sorted(shown(call, self.start) for call in calls[self.read[name] :]))
            self.read[name] = len(calls)
        different = {call: counts for call in chain(*sent) if len({*(counts := tuple(map(_count(call), sent)))}) > 1}
        assert not different
        self.counted += len(sent[0])

    def _new(self, name: str) -> int:
        return _sent(self.world, name) - self.read[name]

    async def asks(self, command: str, *then: tuple[int, ...]) -> None:
        """Ask for something with each one's own row, and once more with the good one."""
        rows: Mapping[str, Sequence[int]]
        for rows in (self.rows, dict.fromkeys(self.rows, CODE)):
            await self.type(command)
            await self.tap(rows)
            for row in then:
                await self.tap(dict.fromkeys(self.rows, row))
            await self.later(seconds=5)


async def test_f1_nothing_that_the_phone_is_sent_in_30_days_tells_a_forced_code(tmp_path: Path, bar: Bar) -> None:
    days = bar.size(1, 30)
    async with World(tmp_path, clock=StillClock(MORNING)) as world:
        for name in ROWS:
            await world.defender(name, code=CODE, times=(time(9), time(21)))
            await world.responder(f"Bo of {name}", tier="contacts", of=name)
            await world.responder(f"Cleo of {name}", Role.COLLEAGUE, tier="colleagues", of=name)
        lives = Lives(world, world.clock.now(), read={name: _sent(world, name) for name in ROWS})
        for day in range(days):
            await lives.asks("/ok")  # 08:00, before or between the reminders
            await lives.later(minutes=62)
            for command in ("/help", "/times", "/later 1h", "the river is high", "/keep", "/pause off"):
                await lives.type(command)
            match day % 5:
                case 1:
                    await lives.asks("/pause 1d")
                case 2:
                    await lives.asks("/code", CODE, CODE)
                case 3:
                    await lives.asks("/times 21:00" if day % 2 else "/times 9:00")
                case _:
                    await lives.type("/times 9:00 21:00")
            for clock in ("19:50", "20:01", "20:20"):  # what is swept, and what reminds, each in its own moment
                await lives.until(day, clock)
            await lives.asks("/ok")
            await lives.until(day, "21:20")
            for clock in ("07:30", "08:00"):
                await lives.until(day + 1, clock)
        await lives.type("SOS")
        await lives.asks("/leave")
        for clock in ("19:50", "20:01", "20:20", "21:20"):
            await lives.until(days, clock)
        for clock in ("07:30", "07:59", "08:05"):
            await lives.until(days + 1, clock)
        await lives.type("hello")
        kinds = {name: await world.store.run(partial(_open_kinds, world.ids[name])) for name in ROWS}

    assert Kind.DURESS in kinds["Bea"]
    assert Kind.DURESS not in kinds["Ana"] + kinds["Cora"]
    bar.holds(
        "the same calls into the chat after a good, a forced and a wrong code, for 30 days",
        f"{lives.counted} calls into each of three chats in {days} days, none different",
    )


def _count(call: str) -> Callable[[list[str]], int]:
    return lambda calls: calls.count(call)


def _sent(world: World, name: str) -> int:
    return len(world.phones[name].transcript(world.defenders_bot))


def _open_kinds(person: UUID, tx: Tx) -> list[Kind]:
    return [one.kind for one in incidents.open_of_defender(tx, person)]


# F2


def same_distribution(one: Sequence[float], other: Sequence[float]) -> float:
    """p of the two-sample test of Kolmogorov and Smirnov (asymptotic, with Stephens' correction)."""
    together = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    seen, farthest = [0, 0], 0.0
    for value, (amount, which) in enumerate(together):
        seen[which] += 1
        if value + 1 == len(together) or together[value + 1][0] != amount:
            farthest = max(farthest, abs(seen[0] / len(one) - seen[1] / len(other)))
    root = (len(one) * len(other) / (len(one) + len(other))) ** 0.5
    reach = (root + 0.12 + 0.11 / root) * farthest
    if reach < 0.2:
        return 1.0
    terms = (2.0 * (-1.0) ** (term - 1) * math.exp(-2 * (term * reach) ** 2) for term in range(1, 101))
    return min(1.0, max(0.0, sum(terms)))


@dataclass
class Bench:
    """A store in which three people check in over and over, each with a row of their own; how long each answer took."""

    store: Store
    reader: Reader
    happenings: Happenings
    clock: Hands
    people: dict[str, DefenderId]
    took: dict[str, list[float]]
    update: int = 0

    async def one(self, name: str) -> None:
        """From the last tap's update in the inbox to the answer in the outbox, which no later work holds up."""
        raw = await self.store.run(partial(self._last_tap, name))
        await self.store.run(lambda tx: inbox.keep(tx, "defenders", self.update, _blind(tx, name), raw, urgent=False))
        begun = real.perf_counter()
        assert await self.reader.read_all() == 1
        self.took[name].append(real.perf_counter() - begun)
        self.clock.shown += timedelta(seconds=2)
        await self.store.run(self._look)

    def _last_tap(self, name: str, tx: Tx) -> bytes:
        grid = Grid.fresh(Step.WISH)
        grid.shown()
        nonces = {sign: nonce for nonce, sign in grid.keys.items()}
        row = ROWS[name]
        grid.taps, grid.used = list(row[:-1]), ["…"] * (TAPS - 1)
        wish: Words = {"want": "sign", "length": None, "times": [], "zone": None, "hashed": None, "given_at": None}
        data: dict[str, Words] = {"asked_at": tx.now.isoformat(), "wish": wish, "grid": grid.as_words()}
        people.change_defender(tx, self.people[name], dialogue_state=None, dialogue_data=data)
        self.update += 1
        return json.dumps(_press(_chat(name), "." + nonces[row[-1]], self.update)).encode()

    def _look(self, tx: Tx) -> None:
        for lowering in lowerings.due(tx, tx.now, 9):
            Lowerings(self.happenings).time_passed(tx, lowering)


def _chat(name: str) -> int:
    return 5000 + list(ROWS).index(name)


def _blind(tx: Tx, name: str) -> str:
    return addresses.blind(tx, "defender", "telegram", str(_chat(name)))


def _press(chat: int, data: str, number: int) -> dict[str, object]:
    who = {"id": chat, "is_bot": False, "first_name": "A"}
    under = {"message_id": 10, "date": 1, "chat": {"id": chat, "type": "private"}, "text": "?"}
    query = {"id": str(number), "from": who, "chat_instance": "1", "data": data, "message": under}
    return {"update_id": number, "callback_query": query}


def enrolled(name: str, chat: int | None, tx: Tx) -> DefenderId:
    """Somebody with the code, a routine and two tiers of people."""
    person = people.add_defender(tx, name, language="en", zone="UTC", profile="standard", chain="default")
    people.change_defender(tx, person, state="active", consented_at=tx.now, times=(time(9),))
    if chat is not None:
        codes.save(tx, person, hash_code(CODE, partial(tx.vault.peppered, person)))
        addresses.add(tx, person, "defender", "telegram", str(chat), verified=True)
    pace = BOOK.profile("standard").pace
    watches.save(tx, watch_machine.begin(WatchId(uuid4()), person, Daily((time(9),), "UTC"), pace, tx.now))
    for tier, role in (("contacts", Role.CONTACT), ("colleagues", Role.COLLEAGUE)):
        responder = people.add_responder(tx, f"{role} of {name}", role, language="en")
        people.change_responder(tx, responder, state="active", consented_at=tx.now)
        addresses.add(tx, responder, "responder", "telegram", str(uuid4().int % 10**9), verified=True)
        people.place_in_tier(tx, person, tier, responder)
    return person


async def bench(folder: Path, each: int, seed: int) -> dict[str, list[float]]:
    """How long each answer took, `each` times for each person, in an order drawn by lot."""
    clock = Hands()
    async with fresh_store("sqlite", folder, clock) as store:
        happenings = Happenings(BOOK, Metrics())
        door: Door = opened(NOWHERE).door
        reader = Reader(store, {"defenders": door}, Committing(happenings), BOOK, Metrics(), urgent=False)
        who = {name: await store.run(partial(enrolled, name, _chat(name))) for name in ROWS}
        at = Bench(store, reader, happenings, clock, who, {name: [] for name in ROWS})
        order = [name for name in ROWS for _ in range(each)]
        random.Random(seed).shuffle(order)
        for name in [*ROWS, *order]:
            await at.one(name)
        reader.close()
        assert Kind.DURESS in await store.run(partial(_open_kinds, who["Bea"]))
    return {name: took[1:] for name, took in at.took.items()}


@pytest.mark.real_time
async def test_f2_a_forced_code_is_answered_as_soon_as_a_good_one(tmp_path: Path, bar: Bar) -> None:
    each = bar.size(5, 1000)
    Decoded.model_rebuild()
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    runs = await asyncio.gather(*(bench(folder, each, seed) for seed, folder in enumerate(folders)))
    took = {name: [amount for run in runs for amount in run[name]] for name in ROWS}
    pairs = [("Ana", "Bea"), ("Ana", "Cora")]
    alike = min(same_distribution(took[one], took[other]) for one, other in pairs)
    apart = max(abs(statistics.fmean(took[one]) - statistics.fmean(took[other])) for one, other in pairs)

    assert alike > (ALIKE_AT if each >= 1000 else ALIKE_AT**3)  # a handful may fall out oddly once in ten thousand runs
    assert apart < (AS_SOON if each >= 1000 else 1.0)
    bar.holds(
        "a good, a forced and a wrong code are answered as soon as one another (KS p > 0.01, means < 5 ms apart)",
        f"{len(took['Ana'])} of each: p ≥ {alike:.2f}, means {apart * 1000:.1f} ms apart",
    )


def test_f2_the_measure_tells_apart_what_differs() -> None:
    chance = random.Random(2)
    one, same, later = ([chance.gauss(mean, 10) for _ in range(500)] for mean in (100, 100, 103))

    assert same_distribution(one, same) > ALIKE_AT
    assert same_distribution(one, later) < ALIKE_AT


# F3


def anything(chance: random.Random) -> acts.Act:
    """Something that whoever holds the phone may do."""
    length = timedelta(hours=chance.randint(1, 60))
    wish = chance.choice(
        [
            Wish(Want.SIGN), Wish(Want.SIGN), Wish(Want.PAUSE, length=length), Wish(Want.LEAVE),
            Wish(Want.TIMES, times=(time(chance.randrange(24)),)), Wish(Want.ZONE, zone="Asia/Gaza"),
            Wish(Want.CODE, hashed="another"),
        ]
    )  # fmt: skip
    others: list[acts.Act] = [
        acts.GaveSign(), acts.CalledForHelp(), acts.KeptAsItIs(), acts.EndedPause(), acts.AskedForTime(length),
        acts.SetTimer(length), acts.ChoseTimes((time(7), time(9))), acts.ChoseSafeWord("another"), acts.Left(),
        acts.SentAlong(acts.Sent(acts.SentKind.TEXT, "I am fine, it was a mistake")),
    ]  # fmt: skip
    return chance.choice([acts.Asked(wish, chance.choice(list(Verdict))), chance.choice(others)])


async def test_f3_nothing_from_the_account_ends_a_covert_incident(tmp_path: Path, bar: Bar) -> None:
    traces, clock = bar.size(20, 500), Hands()
    happenings = Happenings(BOOK, Metrics())
    doing, asked = DefenderActs(happenings), Lowerings(happenings)
    chance = random.Random(3)
    done = 0
    async with fresh_store("sqlite", tmp_path, clock) as store:
        for trace in range(traces):
            who = await store.run(partial(enrolled, f"Ana {trace}", None))
            steps: list[acts.Act] = [acts.Asked(Wish(Want.SIGN), Verdict.FORCED)]
            for number, act in enumerate([*steps, *(anything(chance) for _ in range(8))]):
                key = f"panic:{trace}:{number}"

                def step(tx: Tx, who: DefenderId = who, act: acts.Act = act, key: str = key) -> None:
                    record = people.defender(tx, who)
                    assert record is not None
                    doing.carry_out(tx, record, act, key, tx.now)

                def look(tx: Tx) -> None:
                    for lowering in lowerings.due(tx, tx.now, 99):
                        asked.time_passed(tx, lowering)

                await store.run(step)
                clock.shown += chance.choice([timedelta(seconds=2), timedelta(minutes=7), timedelta(hours=25)])
                await store.run(look)
                done += 1
            assert Kind.DURESS in await store.run(partial(_open_kinds, who))

    bar.holds(
        "a good code, a cancel, leaving, a pause after force: the incident stays open",
        f"{traces} of {traces} open after {done} acts of every kind",
    )


# F4


def slips(code: Sequence[int]) -> list[tuple[int, ...]]:
    """Every row that differs from `code` in one place."""
    return [
        (*code[:place], sign, *code[place + 1 :])
        for place, sign in product(range(TAPS), range(len(SIGNS)))
        if sign != code[place]
    ]


def test_f4_no_slip_is_force_and_no_code_is_one_sign(bar: Bar) -> None:
    chance = random.Random(4)
    pepper = partial(Vault(KEYRING, DataKeys.in_transaction()).peppered, UUID(int=1))
    all_codes = [row for row in product(range(len(SIGNS)), repeat=TAPS) if len(set(row)) > 1]
    tried = 0
    for code in chance.sample(all_codes, bar.size(1, 12)):
        hashed = Code(kept := hash_code(code, pepper), kept)
        near = slips(code) if bar.size(0, 1) else chance.sample(slips(code), 12)
        assert {read_code(row, hashed, pepper) for row in near} == {Verdict.WRONG}
        far = [row for row in chance.sample(all_codes, 6) if sum(map(int.__ne__, row, code)) > 1]
        assert {read_code(row, hashed, pepper) for row in far} <= {Verdict.FORCED}
        assert read_code(code, hashed, pepper) is Verdict.GOOD
        tried += len(near)
    wrong = machine.begin(LoweringId(UUID(int=2)), DefenderId(UUID(int=1)), Wish(Want.SIGN), Verdict.WRONG,
                          timedelta(), Hands()())  # fmt: skip

    assert machine.decide(wrong, machine.TimePassed(), wrong.looked_at)[1] == ()
    bar.holds("one slip never opens a covert incident", f"{tried} rows with one slip, none taken for force")
