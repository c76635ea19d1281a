"""What goes wrong: drawn with the seed, one spell after the other, some beside each other.

A spell is *foul* for whatever it touches: taking in ("in"), giving out ("out"), or one chat. What is owed to anybody is
counted in fair time only: from the moment on when nothing stands in its way any more.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from rehearsal.faults import EVERYTHING, POLLING

from .loop import WORK_TAKES, Fuse
from .machine import DISK, IN_EARNEST
from .world import World

EVERYBODY = -1  # in place of a chat
FUSES = (1, 400)  # steps, or commits, after which a lit fuse kills


class Weather:
    """What is foul, since when, and until when it was."""

    def __init__(self, world: World, harshness: float) -> None:
        """`harshness` is how many spells there are in an hour, about."""
        self._world = world
        self._chance = world.draws("weather")
        self._harshness = harshness
        self._foul: dict[object, int] = {}
        self._fair_since: dict[object, float] = {}
        self._strangers = 0
        self._began = asyncio.Event()
        self._begun: list[asyncio.Task[None]] = []
        self.spells: list[Callable[[Random], Coroutine[Any, Any, None]]] = [
            self._crash, self._crash, self._crash, self._stand_still, self._deaf, self._slow, self._failing,
            self._cut, self._cut, self._hang, self._twice, self._unreadable, self._strangers_flood, self._disk,
            self._disk, self._one_chat, self._wrong_clock, self._slow_disk, self._freeze,
        ]  # fmt: skip

    # What is owed, and since when it could have been paid

    def fair_since(self, *what: object) -> float | None:
        """Since when none of this has been foul, in the loop's seconds; None while any is."""
        if any(self._foul.get(one) for one in what):
            return None
        since = [self._fair_since.get(one, 0.0) for one in what]
        return max([*since, self._world.disturbed_at if "service" in what else 0.0])

    def long_fair(self, what: object, seconds: float) -> bool:
        """Whether this has not been foul for so long, or never."""
        since = self.fair_since(what)
        return since == 0.0 or (since is not None and self._world.loop.time() - since > seconds)

    @contextmanager
    def foul(self, *what: object) -> Iterator[None]:
        """While this block runs, so much is foul."""
        for one in what:
            self._foul[one] = self._foul.get(one, 0) + 1
        try:
            yield
        finally:
            for one in what:
                self._foul[one] -= 1
                self._fair_since[one] = self._world.loop.time()

    # The spells

    async def change(self) -> None:
        """One spell after the other, until the world ends."""
        if not self._harshness:
            return
        while True:
            await asyncio.sleep(self._chance.expovariate(self._harshness / 3600))
            spell = self._chance.choice(self.spells)
            self._began.set()
            self._began.clear()
            draws = Random(self._chance.random())  # noqa: S311 - from the seed
            self._begun.append(self._world.lives(spell(draws), spell.__name__))

    def clear_up(self) -> None:
        """From now on nothing goes wrong any more, so that whatever is owed can be paid."""
        world = self._world
        for spell in self._begun:
            spell.cancel()
        world.stage.faults.clear()
        world.stage.go_on()
        DISK.trouble, world.loop.work_takes, world.machine.wrong_by = None, WORK_TAKES, timedelta()
        if world.process is not None:
            world.process.fuse = None
        world.story.tell("weather", "clears up")

    async def next_spell(self) -> None:
        """Wait until something begins to go wrong; for ever, where the weather is fair."""
        await self._began.wait()

    def strike(self, chance: Random) -> None:
        """Have the service killed at one of its next few steps, or commits."""
        process, away = self._world.process, chance.choice((0.0, 1.0, 20.0))
        if process is not None and not process.dead:
            what, most = chance.choice((("step", 40), ("commit", 8)))
            process.fuse = Fuse(what, chance.randint(1, most), lambda: self._world.crash(away))

    async def mind_the_service(self) -> None:
        """Nothing can be owed while the service is down, or has not caught up yet."""
        while True:
            if not self._world.is_up():
                with self.foul("service"):
                    while not self._world.is_up():  # noqa: ASYNC110 - nobody tells
                        await asyncio.sleep(0.5)
            await asyncio.sleep(1.0)

    async def _crash(self, chance: Random) -> None:
        world = self._world
        process = world.process
        if process is None or process.dead or process.fuse is not None:
            return
        away = chance.choice((0.0, 2.0, 30.0, chance.uniform(60, 1800)))
        what, left = chance.choice(("step", "commit")), int(chance.uniform(*FUSES) ** chance.choice((0.5, 1.0)))
        world.story.tell("weather", f"a crash at the {left}. {what} from now")
        process.fuse = Fuse(what, left, lambda: world.crash(away))

    async def _stand_still(self, chance: Random) -> None:
        seconds = chance.choice((chance.uniform(5, 60), chance.uniform(60, 2400)))
        self._world.story.tell("weather", f"the messenger cannot be reached for {seconds:.0f} s")
        with self.foul("in", "out"):
            self._world.stage.stand_still()
            await asyncio.sleep(seconds)
            self._world.stage.go_on()

    async def _deaf(self, chance: Random) -> None:
        bot = chance.choice((self._world.defenders_bot, self._world.responders_bot))
        seconds = chance.uniform(20, 1200)
        self._world.story.tell("weather", f"updates of {bot.username} hang for {seconds:.0f} s")
        with self.foul("in"):
            fault = self._world.stage.faults.hang(bot, chance.uniform(5, 60), method=POLLING)
            await asyncio.sleep(seconds)
            fault.end()

    async def _slow(self, chance: Random) -> None:
        bot = chance.choice((self._world.defenders_bot, self._world.responders_bot))
        each, seconds = chance.uniform(0.5, 14), chance.uniform(30, 600)
        self._world.story.tell("weather", f"{bot.username} is slow by {each:.1f} s for {seconds:.0f} s")
        with self.foul("out"):
            fault = self._world.stage.faults.slow(bot, each)
            await asyncio.sleep(seconds)
            fault.end()

    async def _failing(self, chance: Random) -> None:
        bot = chance.choice((self._world.defenders_bot, self._world.responders_bot))
        seconds, method = chance.uniform(10, 900), chance.choice((None, EVERYTHING))
        self._world.story.tell("weather", f"{bot.username} answers 502 for {seconds:.0f} s")
        with self.foul("in" if method else "out", "out"):
            fault = self._world.stage.faults.fail(bot, chance.choice((500, 502)), method=method)
            await asyncio.sleep(seconds)
            fault.end()

    async def _cut(self, chance: Random) -> None:
        bot = self._world.responders_bot if chance.random() < 0.8 else self._world.defenders_bot
        times, seconds = chance.randint(1, 6), chance.uniform(30, 1800)
        cut = self._world.stage.faults.cut_after if chance.random() < 0.6 else self._world.stage.faults.cut_before
        self._world.story.tell("weather", f"{times} answers of {bot.username} are cut ({cut.__name__})")
        with self.foul("out"):
            fault = cut(bot, times=times, method=chance.choice((None, "sendMessage")))
            await asyncio.sleep(seconds)
            fault.end()

    async def _hang(self, chance: Random) -> None:
        times, seconds = chance.randint(1, 80), chance.uniform(20, 300)
        self._world.story.tell("weather", f"{times} calls of the responders' bot hang for {seconds:.0f} s")
        with self.foul("out"):
            fault = self._world.stage.faults.hang(self._world.responders_bot, 40.0, times=times)
            await asyncio.sleep(seconds)
            fault.end()

    async def _one_chat(self, chance: Random) -> None:
        phones = [phone for phone in self._world.stage.phones.values() if phone.person.badge != "defender"]
        phone, seconds = chance.choice(phones), chance.uniform(60, 3600)
        self._world.story.tell("weather", f"the chat of {phone.name} answers 502 for {seconds:.0f} s")
        with self.foul(phone.id, "a chat"):
            fault = self._world.stage.faults.fail(self._world.responders_bot, 502, chat=phone)
            await asyncio.sleep(seconds)
            fault.end()

    async def _twice(self, chance: Random) -> None:
        bot = chance.choice((self._world.defenders_bot, self._world.responders_bot))
        self._world.stage.faults.twice(bot, times=chance.randint(1, 20))

    async def _unreadable(self, chance: Random) -> None:
        stage, bot = self._world.stage, chance.choice((self._world.defenders_bot, self._world.responders_bot))
        phone = chance.choice(list(stage.phones.values()))
        self._world.story.tell("weather", f"something unreadable for {bot.username}")
        match chance.randrange(4):
            case 0:
                number = stage.raw_update(bot, {}) + 1
                stage.raw_bytes(bot, b'{"update_id": %d, "message": {"text": "\xff' % number)
            case 1:
                stage.raw_update(bot, {"message": {"chat": {"id": "no number"}, "text": ["sos"]}})
            case 2:
                stage.raw_update(bot, {"something": {"new": [[[[{}]]]]}})
            case _:
                stage.forwarded_from_hidden_user(phone, bot)

    async def _strangers_flood(self, chance: Random) -> None:
        many = chance.choice((20, 60, 200))
        self._world.story.tell("weather", f"{many} messages of strangers")
        for _ in range(many):
            self._strangers += 1
            phone = self._world.stage.add_phone(f"Max-{self._strangers}", badge="stranger")
            phone.start(chance.choice((self._world.defenders_bot, self._world.responders_bot)), "abc")
            await asyncio.sleep(chance.uniform(0.0, 0.3))

    async def _disk(self, chance: Random) -> None:
        seconds = chance.choice((chance.uniform(0.01, 3), chance.uniform(1, 120)))
        trouble = chance.choice(("database or disk is full", "database is locked", "disk I/O error"))
        self._world.story.tell("weather", f"{trouble}, for {seconds:.1f} s")
        with self.foul("in", "out"):
            DISK.trouble = trouble
            await asyncio.sleep(seconds)
            DISK.trouble = None

    async def _slow_disk(self, chance: Random) -> None:
        loop, seconds = self._world.loop, chance.uniform(10, 300)
        each = chance.choice((0.05, 0.4, 2.0))
        self._world.story.tell("weather", f"a transaction takes up to {each} s, for {seconds:.0f} s")
        with self.foul("in", "out"):
            loop.work_takes = (each / 10, each)
            await asyncio.sleep(seconds)
            loop.work_takes = WORK_TAKES

    async def _freeze(self, chance: Random) -> None:
        process, seconds = self._world.process, chance.choice((chance.uniform(1, 30), chance.uniform(30, 1800)))
        if process is None or process.dead:
            return
        seconds = min(seconds, max(0.0, (self._world.end - self._world.now).total_seconds()))
        self._world.story.tell("weather", f"the service stands still for {seconds:.0f} s")
        in_earnest = self._world.tempo is IN_EARNEST  # it looks often enough to notice
        with self.foul("out") if in_earnest else self.foul("in", "out"):
            self._world.loop.freeze(process, seconds)
            await asyncio.sleep(seconds)

    async def _wrong_clock(self, chance: Random) -> None:
        machine, seconds = self._world.machine, chance.uniform(60, 1800)
        by = timedelta(seconds=chance.choice((-1, 1)) * chance.choice((2.0, 90.0, 3600.0)))
        self._world.story.tell("weather", f"the clock is set wrong by {by.total_seconds():.0f} s for {seconds:.0f} s")
        with self.foul("in", "clock"):
            machine.wrong_by += by
            await asyncio.sleep(seconds)
            machine.wrong_by -= by
            await asyncio.sleep(abs(by.total_seconds()))  # what was put off meanwhile comes by then
