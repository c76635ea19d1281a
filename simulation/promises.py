"""What was promised, seen from outside: what people did, what was heard, and what is owed to whom.

Nothing here looks into the service. A debt is paid by a message; one that has not been paid although nothing stood in
its way for long enough is a broken promise. So is a message that nobody was owed.
"""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime

from rehearsal.accounts import Change
from rehearsal.messages import Post

from .people import Defender, Responder
from .weather import Weather
from .world import World

IN_TIME = 8.0  # seconds for a call for help, where all has been fair for long
SETTLED = 900.0  # seconds of fair weather after which nothing of what was foul is left
HELD_FOR = 25 * 60.0  # seconds; a hold, and the call after it
AT_LAST = 240.0  # seconds, counted from when the weather has become fair
A_DAY = 86_400.0  # seconds
CLOCK_MATTERS = 7200.0  # seconds after the clock was wrong, in which times of day say nothing
ASKED_ONCE_MORE = 630.0  # seconds by which an alarm may come later after an outage
QUIET = {"CALL FOR HELP: ": 45 * 60.0, "COVERT. Do not contact ": 45 * 60.0, "NO SIGN OF LIFE: ": 2.6 * 3600}
# seconds for which nothing may be heard of what is open, when nobody does anything: a hold, and a round
HEADING = re.compile(r"(CALL FOR HELP: |COVERT\. Do not contact |NO SIGN OF LIFE: )(Ana-\d+)")
FACTS = re.compile(r"^([0-9A-Z]{4,}) · \S+(?: · repeat (\d+))?$", re.MULTILINE)
MAYBE = "you may already have this"
OVER = re.compile(r"All clear|Closed at")
TELLS = re.compile(r"\b(Bo-|Cleo-|Coordinator-|Lawyer-|Partner-|Lead-|Director-)", re.IGNORECASE)


@dataclass(eq=False)
class Case:
    """One incident as those who are called know it."""

    reference: str
    whose: Defender
    kind: str
    opened: datetime
    began: float = 0.0
    called: dict[Responder, set[int]] = field(default_factory=dict)
    told_the_end: set[Responder] = field(default_factory=set)
    last_heard: float = 0.0
    taken: bool = False  # somebody said "on it", and nobody was called since
    over: bool = False


class Promises:
    """The auditor who stands outside."""

    def __init__(self, world: World, weather: Weather, defenders: list[Defender], responders: list[Responder]) -> None:
        self._world, self._weather = world, weather
        self._defenders = {one.name: one for one in defenders}
        self._by_phone = {who.phone.id: who for who in responders}
        self._responders = responders
        self._known: set[tuple[int, int]] = set()
        self.cases: dict[str, Case] = {}
        self._calm: dict[Defender, list[tuple[datetime, datetime]]] = {one: [] for one in defenders}
        self._heard: dict[tuple[Responder, Defender], float] = {}
        self._panicked: dict[Defender, float] = {}  # when they last did
        self._of_late: dict[str, Case] = {}  # cases that are open, or were not long ago
        world.stage.messenger.watchers.append(self._hear)

    # What was done

    def called_for_help(self, who: Defender) -> None:
        """A call for help stands at the messenger."""
        self._panicked[who] = self._world.loop.time()
        self._world.count("calls for help")
        if self.open_cases(who):
            return  # then it is news to those who were called, and may wait
        at = self._world.loop.time()
        for one in self._responders:
            first = one in who.chain and one.role.value == "contact"
            if first or one.role.value == "coordinator":
                debt = self._owed(who, one, at, "a call for help", IN_TIME, AT_LAST)
                self._world.lives(debt, f"debt of {one.name} for {who.name}")

    def missed(self, who: Defender, due: datetime) -> None:
        """Nothing at all was given for this due time, and the grace is over now."""
        just_now = self._world.loop.time() - self._panicked.get(who, -A_DAY) < A_DAY
        if self.open_cases(who) or just_now or not self._weather.long_fair("clock", CLOCK_MATTERS):
            return
        self._world.count("misses")
        at = self._world.loop.time()
        for one in who.chain:
            if one.role.value == "contact":
                debt = self._owed(who, one, at, f"a silence at {due:%H:%M}", 30.0, AT_LAST + ASKED_ONCE_MORE)
                self._world.lives(debt, f"debt of {one.name} for {who.name}")

    def calm(self, who: Defender, begin: datetime, end: datetime) -> None:
        """No silence of theirs may be alarmed of in between."""
        self._calm[who].append((begin, end))

    def open_cases(self, who: Defender) -> list[Case]:
        """What is open for somebody, as far as anybody has heard."""
        return [case for case in self._of_late.values() if case.whose is who and not case.over]

    async def _owed(self, who: Defender, to: Responder, at: float, what: str, in_time: float, at_last: float) -> None:
        loop, paths = self._world.loop, ("in", "out", "service", to.phone.id)
        while self._heard.get((to, who), 0.0) < at:
            if to.out or to.back_at > at - SETTLED:
                return
            fair = self._weather.fair_since(*paths)
            long_fair = fair is not None and fair < at - SETTLED
            if fair is not None and loop.time() > max(at, fair) + (in_time if long_fair else at_last):
                self._world.breaks(f"{to.name} has not heard of {what} of {who.name}")
                return
            await asyncio.sleep(1.0 if long_fair else 10.0)

    # What was heard

    def _hear(self, change: Change) -> None:
        post, chat = change.post, change.chat
        if change.what != "message" or post is None or not post.from_bot or chat.person is None:
            return
        if post.edited_at is not None or not post.visible or (chat.bot.id, post.id) in self._known:
            return
        self._known.add((chat.bot.id, post.id))
        name = chat.person.name
        self._world.story.tell(name, "hears: " + post.text.replace("\n", " | ")[:110])
        if chat.bot is self._world.defenders_bot:
            if TELLS.search(post.text):
                self._world.breaks(f"the phone of {name} shows who is called: {post.text!r}")
        elif (who := self._by_phone.get(chat.person.id)) is not None:
            self._responder_hears(who, post)
        elif "Ana-" in post.text:
            self._world.breaks(f"the stranger {name} hears of somebody: {post.text!r}")

    def _responder_hears(self, who: Responder, post: Post) -> None:
        for name in set(re.findall(r"Ana-\d+", post.text)):
            defender = self._defenders[name]
            self._heard[who, defender] = self._world.loop.time()
            if not who.shared and who not in defender.chain:
                self._world.breaks(f"{who.name} hears of {name}, for whom they are not called")
        self.stirred(post.text)
        head, facts = HEADING.search(post.text), FACTS.search(post.text)
        if OVER.search(post.text):
            self._is_over(who, post.text)
        elif (
            head is not None and facts is not None and facts.start() == post.text.index("\n") + 1
        ):  # else it has a lead
            self._is_called(who, self._defenders[head[2]], head[1], facts, post.text)

    def stirred(self, text: str, *, taken: bool = False) -> None:
        """Something was heard of what `text` is about, or done about it."""
        for case in self._of_late.values():
            if case.reference in text:
                case.last_heard = self._world.loop.time()
                case.taken = case.taken or taken

    def _is_over(self, who: Responder, text: str) -> None:
        for case in self._of_late.values():
            if f"· {case.reference}" in text or text.startswith(case.reference):
                case.told_the_end.add(who)
                if not case.over:
                    case.over = True
                    for one in case.called:
                        self._world.lives(self._owes_the_end(case, one), f"the end of {case.reference} for {one.name}")

    async def _owes_the_end(self, case: Case, to: Responder) -> None:
        """Whoever was called is told how it ended; who could not be called at some time may be passed over."""
        loop, at = self._world.loop, self._world.loop.time()
        while to not in case.told_the_end:
            if to.out or to.back_at > max(0.0, case.began - SETTLED):
                return
            fair = self._weather.fair_since("in", "out", "service", to.phone.id)
            if fair is not None and loop.time() > max(at, fair) + AT_LAST:
                self._world.breaks(f"{to.name} was called for {case.reference}, and is not told how it ended")
                return
            await asyncio.sleep(10.0)

    def _is_called(self, who: Responder, whose: Defender, kind: str, facts: "re.Match[str]", text: str) -> None:
        world, reference, times = self._world, facts[1], int(facts[2] or 1)
        case = self.cases.get(reference)
        if case is None:
            self._of_late = {one.reference: one for one in self._of_late.values() if self._matters(one)}
            case = Case(reference, whose, kind, world.now, world.loop.time())
            self.cases[reference] = self._of_late[reference] = case
            world.count("incidents")
            self._is_owed(case)
            world.lives(self._goes_on(case), f"whether {reference} goes on")
        numbers = case.called.setdefault(who, set())
        world.count("alarms")
        if times in numbers and MAYBE not in text:
            world.breaks(f"{who.name} is called twice by the number {times} for {reference}, and is not told so")
        elif times in numbers:
            world.count("repeats that say so")
        case.taken = False
        numbers.add(times)

    def _matters(self, case: Case) -> bool:
        return not case.over or self._world.loop.time() - case.last_heard < A_DAY

    def _is_owed(self, case: Case) -> None:
        world = self._world
        if case.kind.startswith("CALL") and case.whose not in self._panicked:
            world.breaks(f"{case.whose.name} never called for help, and {case.reference} was raised")
        weather, tempo = self._weather, world.tempo
        heard = weather.long_fair(
            "in", tempo.deaf_after + tempo.long_poll + 120.0
        )  # or we may not know that we are deaf
        if case.kind.startswith("NO SIGN") and heard and weather.long_fair("clock", CLOCK_MATTERS):
            for begin, end in self._calm[case.whose]:
                if begin <= world.now <= end:
                    world.breaks(f"{case.whose.name} had checked in, and {case.reference} was raised")

    async def _goes_on(self, case: Case) -> None:
        """Until somebody says how it ended, somebody is called again and again."""
        loop, quiet = self._world.loop, QUIET[case.kind]
        case.last_heard = loop.time()
        while not case.over:
            fair = self._weather.fair_since("in", "out", "service", "clock", "a chat")
            since = max(case.last_heard, fair if fair is not None else loop.time())
            there = any(not who.out and who.back_at < loop.time() - quiet for who in case.called)
            if there and loop.time() - since > (min(quiet, HELD_FOR) if case.taken else quiet):
                self._world.breaks(f"{case.reference} of {case.whose.name} is open, and nothing is heard of it")
                return
            await asyncio.sleep(60.0)
