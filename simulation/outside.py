"""What goes wrong outside: with the messenger, on the way from it and to it, and with what people send.

Each spell is drawn, lasts, and ends; while it does, it says for whom it is foul.
"""

import asyncio
from random import Random
from typing import TYPE_CHECKING

from rehearsal.faults import EVERYTHING, POLLING

from .wandering import Wandering
from .world import World

if TYPE_CHECKING:
    from .weather import Weather


class Outside:
    """The spells of the messenger."""

    def __init__(self, world: World, weather: "Weather") -> None:
        """All is well until a spell is begun."""
        self._world, self._weather = world, weather
        self._strangers = 0
        self.spells = (
            self.stand_still, self.deaf, self.slow, self.failing, self.cut, self.cut, self.hang, self.one_chat,
            self.twice, self.late, self.late, self.unreadable, self.too_many, self.flood_of_strangers,
            self.flood_of_one,
        )  # fmt: skip

    async def stand_still(self, chance: Random) -> None:
        """The messenger cannot be reached at all."""
        seconds = chance.choice((chance.uniform(5, 60), chance.uniform(60, 2400)))
        self._world.story.tell("weather", f"the messenger cannot be reached for {seconds:.0f} s")
        with self._weather.foul("in", "out"):
            self._world.stage.stand_still()
            await asyncio.sleep(seconds)
            self._world.stage.go_on()

    async def deaf(self, chance: Random) -> None:
        """Updates hang."""
        bot = chance.choice((self._world.defenders_bot, self._world.responders_bot))
        seconds = chance.uniform(20, 1200)
        self._world.story.tell("weather", f"updates of {bot.username} hang for {seconds:.0f} s")
        with self._weather.foul("in"):
            fault = self._world.stage.faults.hang(bot, chance.uniform(5, 60), method=POLLING)
            await asyncio.sleep(seconds)
            fault.end()

    async def slow(self, chance: Random) -> None:
        """Every answer takes its time."""
        bot = chance.choice((self._world.defenders_bot, self._world.responders_bot))
        each, seconds = chance.uniform(0.5, 14), chance.uniform(30, 600)
        self._world.story.tell("weather", f"{bot.username} is slow by {each:.1f} s for {seconds:.0f} s")
        with self._weather.foul("out"):
            fault = self._world.stage.faults.slow(bot, each)
            await asyncio.sleep(seconds)
            fault.end()

    async def failing(self, chance: Random) -> None:
        """A bot is told 500 or 502, maybe in every call."""
        bot = chance.choice((self._world.defenders_bot, self._world.responders_bot))
        seconds, method = chance.uniform(10, 900), chance.choice((None, EVERYTHING))
        self._world.story.tell("weather", f"{bot.username} answers 502 for {seconds:.0f} s")
        with self._weather.foul("in" if method else "out", "out"):
            fault = self._world.stage.faults.fail(bot, chance.choice((500, 502)), method=method)
            await asyncio.sleep(seconds)
            fault.end()

    async def cut(self, chance: Random) -> None:
        """Connections break before a call was done, or after."""
        bot = self._world.responders_bot if chance.random() < 0.8 else self._world.defenders_bot
        times, seconds = chance.randint(1, 6), chance.uniform(30, 1800)
        cut = self._world.stage.faults.cut_after if chance.random() < 0.6 else self._world.stage.faults.cut_before
        self._world.story.tell("weather", f"{times} answers of {bot.username} are cut ({cut.__name__})")
        with self._weather.foul("out"):
            fault = cut(bot, times=times, method=chance.choice((None, "sendMessage")))
            await asyncio.sleep(seconds)
            fault.end()

    async def hang(self, chance: Random) -> None:
        """Calls get no answer and are not done."""
        times, seconds = chance.randint(1, 80), chance.uniform(20, 300)
        self._world.story.tell("weather", f"{times} calls of the responders' bot hang for {seconds:.0f} s")
        with self._weather.foul("out"):
            fault = self._world.stage.faults.hang(self._world.responders_bot, 40.0, times=times)
            await asyncio.sleep(seconds)
            fault.end()

    async def one_chat(self, chance: Random) -> None:
        """One chat is dead for a while, or slow, or takes what it is given without saying so."""
        world, faults = self._world, self._world.stage.faults
        phones = [phone for phone in world.stage.phones.values() if phone.person.badge not in ("defender", "stranger")]
        phone, seconds, how = chance.choice(phones), chance.uniform(60, 3600), chance.choice(("502", "slow", "dead"))
        world.story.tell("weather", f"the chat of {phone.name} is {how} for {seconds:.0f} s")
        with self._weather.foul(phone.id, "a chat"):
            match how:
                case "502":
                    fault = faults.fail(world.responders_bot, 502, chat=phone)
                case "slow":
                    fault = faults.slow(world.responders_bot, chance.uniform(3, 20), chat=phone)
                case _:
                    fault = faults.hang(world.responders_bot, 60.0, chat=phone)
            await asyncio.sleep(seconds)
            fault.end()

    async def twice(self, chance: Random) -> None:
        """Updates are given once more after they were confirmed."""
        bot = chance.choice((self._world.defenders_bot, self._world.responders_bot))
        self._world.stage.faults.twice(bot, times=chance.randint(1, 20))

    async def late(self, chance: Random) -> None:
        """Updates come late, in another order than they were sent in, and a batch in any order."""
        bot = chance.choice((self._world.defenders_bot, self._world.responders_bot))
        by, seconds = chance.choice((3.0, 60.0, 600.0)), chance.uniform(60, 900)
        what = f"updates of {bot.username} are late by {by:.0f} s at most"
        self._world.story.tell("weather", f"{what}, for {seconds:.0f} s")
        updates = bot.updates
        assert isinstance(updates, Wandering)  # noqa: S101 - made so by the world
        with self._weather.foul("in"):
            updates.late_by, updates.draws = by, chance
            try:
                await asyncio.sleep(seconds)
            finally:
                updates.let_come()

    async def unreadable(self, chance: Random) -> None:
        """An update that nobody can read."""
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

    async def too_many(self, chance: Random) -> None:
        """A bot has said too much, as the messenger sees it, and is told to wait."""
        bot = chance.choice((self._world.defenders_bot, self._world.responders_bot))
        seconds = chance.uniform(2, 120)
        self._world.story.tell("weather", f"{bot.username} is told to wait for {seconds:.0f} s")
        with self._weather.foul("out"):
            self._world.stage.limits.use_up(bot.id, seconds)
            await asyncio.sleep(seconds + 1.0)

    async def flood_of_strangers(self, chance: Random) -> None:
        """Messages of people whom nobody knows."""
        many = chance.choice((20, 60, 200))
        self._world.story.tell("weather", f"{many} messages of strangers")
        for _ in range(many):
            self._strangers += 1
            phone = self._world.stage.add_phone(f"Max-{self._strangers}", badge="stranger")
            phone.start(chance.choice((self._world.defenders_bot, self._world.responders_bot)), "abc")
            await asyncio.sleep(chance.uniform(0.0, 0.3))

    async def flood_of_one(self, chance: Random) -> None:
        """Somebody whom we know writes and writes."""
        world, many = self._world, chance.choice((30, 120))
        phone = chance.choice([one for one in world.stage.phones.values() if one.person.badge != "stranger"])
        bot = world.defenders_bot if phone.person.badge == "defender" else world.responders_bot
        world.story.tell("weather", f"{many} messages of {phone.name}")
        for _ in range(many):
            try:
                phone.type(bot, "🙂" * chance.randint(1, 9))
            except LookupError:
                return
            await asyncio.sleep(chance.uniform(0.0, 0.3))
