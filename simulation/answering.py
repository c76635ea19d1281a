"""How responders live: they answer, late, or not; they lie; they block the bot, go away, step down, and come back."""

import asyncio
from random import Random

from rehearsal.accounts import Change
from rehearsal.messages import Post

from .people import Responder
from .promises import Promises
from .world import World

HABITS = (*4 * ("takes it",), *2 * ("hasty",), *2 * ("silent",), "cannot", "late", "seen")
DILIGENT = 0.8  # of the first coordinators; where nobody answers, calling goes on and on
OUTCOMES = ("Safe", "False alarm", "Confirmed incident", "Handed over")


class Responding:
    """One responder's answers to what they hear, and their comings and goings."""

    def __init__(self, world: World, promises: Promises, who: Responder, lies: float) -> None:
        """Nothing is done before something is heard."""
        self._world, self._promises, self._who = world, promises, who
        self._chance = world.draws(who.name)
        self._known: set[int] = set()
        self.habit = self._chance.choice(HABITS)
        if who.name == "Coordinator-0" and self._chance.random() < DILIGENT:
            self.habit = "takes it"
        if self._chance.random() < lies:
            self.habit = "lies"
        world.ears[who.phone.person.id] = self._hear

    def _hear(self, change: Change) -> None:
        post, chat = change.post, change.chat
        if chat.bot is not self._world.responders_bot or change.what != "message":
            return
        if post is None or not post.from_bot or not post.rows:
            return
        if post.id not in self._known:
            self._known.add(post.id)
            draws = Random(self._chance.random())  # noqa: S311 - from the seed
            self._world.lives(self._answer(post, draws), f"an answer of {self._who.name}")

    async def _answer(self, post: Post, chance: Random) -> None:
        labels = " ".join(button.label for row in post.rows for button in row)
        if "Yes, close it" in labels and "On it" not in labels:
            await asyncio.sleep(chance.uniform(5, 400))
            if self.habit not in ("lies", "silent"):
                self._press(chance.choice(("Yes, close it", "Yes, close it", "Not yet")), post)
            return
        if "On it" not in labels:
            return
        match self.habit:
            case "takes it" | "hasty":
                await asyncio.sleep(chance.uniform(3, 300))
                await self._take(post, chance)
            case "late":
                await asyncio.sleep(chance.uniform(900, 3600))
                await self._take(post, chance)
            case "lies":
                await asyncio.sleep(chance.uniform(1, 60))
                self._press("On it", post)
            case "cannot":
                await asyncio.sleep(chance.uniform(1, 200))
                self._press("Cannot", post)
            case "seen":
                await asyncio.sleep(chance.uniform(1, 200))
                self._press("Seen", post)
            case _:
                return

    async def _take(self, post: Post, chance: Random) -> None:
        if self.habit != "hasty":
            self._press("On it", post)
            await asyncio.sleep(chance.uniform(60, 1500))
            if chance.random() < 0.4 and self._press("Tell what you found", post):
                await asyncio.sleep(chance.uniform(2, 60))
                self._say("I went there. Nobody is at home.")
                await asyncio.sleep(chance.uniform(60, 600))
        if self._press("Close…", post):
            await asyncio.sleep(chance.uniform(2, 20))
            self._press(chance.choice(OUTCOMES), post)

    def _press(self, label: str, post: Post) -> bool:
        try:
            self._who.phone.press(self._world.responders_bot, label, message_id=post.id)
        except LookupError:
            return False
        self._world.story.tell(self._who.name, f"presses {label}")
        self._promises.stirred(post.text, taken=label == "On it")
        if self._chance.random() < 0.1:
            self._world.lives(self._press_again(label, post), f"a second press of {self._who.name}")
        return True

    async def _press_again(self, label: str, post: Post) -> None:
        await asyncio.sleep(0.3)
        try:
            self._who.phone.press(self._world.responders_bot, label, message_id=post.id)
        except LookupError:
            return

    def _say(self, text: str) -> None:
        try:
            self._who.phone.type(self._world.responders_bot, text)
        except LookupError:
            return
        self._world.story.tell(self._who.name, f"writes {text}")

    async def come_and_go(self) -> None:
        """Block the bot, be away, step down; most come back."""
        world, who, chance = self._world, self._who, self._chance
        if chance.random() > 0.3:
            return
        await world.sleep_until(world.begin + (world.end - world.begin) * chance.uniform(0.0, 0.9))
        seconds, bot = chance.uniform(60, 3 * 3600), world.responders_bot
        who.out = chance.choice(("has blocked the bot", "has blocked the bot", "is away", "has stepped down"))
        world.story.tell(who.name, who.out)
        match who.out:
            case "has blocked the bot":
                who.phone.block(bot)
                await asyncio.sleep(seconds)
                who.phone.unblock(bot)
            case "is away":
                self._say("/away 8h")
                await asyncio.sleep(seconds)
                self._say("/back")
            case _:
                self._say("/leave")
                for _ in range(20):
                    await asyncio.sleep(chance.uniform(2, 10))
                    if self._steps_down():
                        break
                return
        who.back_at = world.loop.time()
        who.out = ""
        world.story.tell(who.name, "is back")

    def _steps_down(self) -> bool:
        try:
            self._who.phone.press(self._world.responders_bot, "Yes, step down")
        except LookupError:
            return False
        return True
