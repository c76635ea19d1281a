"""Bars E1, E2 and D7: a button counts once, for whom it was shown to, until it ends; and nothing else counts at all."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import islice, pairwise
from pathlib import Path

import pytest

from config.texts import Texts
from engine.acts import Act, Say
from engine.buttons import pressed_by
from engine.letter import Operation
from escalation.people import IncidentId, ResponderId
from responders.door import RespondersDoor, open_door
from responders.presses import Action, read, written
from store import incidents, invitations, journal, presses
from store.database import Store, Tx
from store.presses import VALID_FOR, State
from tests.bars import forging, redeemers
from tests.bars.conftest import Bar
from tests.databases import KINDS, Hands, fresh_database, fresh_store
from tests.keys import KEYRING
from tests.responders.conftest import Files
from tests.responders.made import CALLING, K7Q2, turn
from tests.responders.made import pressed as press_of
from tests.responders.made import responder as seen_by_door
from tests.store.made import ana, call_for_help, responder
from tests.world import World

SEED = 20_261_122
MANY = 500  # in one transaction
AT_ONCE = 64  # who redeem together
ACTIONS = (Action.ON_IT, Action.CANNOT, Action.SEEN, Action.CLOSE)
Scene = tuple[Store, Hands, ResponderId, ResponderId, IncidentId]


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """Ana has called for help, and Bo and Cleo were called."""
    clock = Hands()
    async with fresh_store("sqlite", folder, clock) as store:

        def begin(tx: Tx) -> tuple[ResponderId, ResponderId, IncidentId]:
            bo, cleo = responder(tx, "Bo"), responder(tx, "Cleo")
            return bo, cleo, call_for_help(tx, ana(tx), bo, cleo).id

        yield store, clock, *await store.run(begin)


async def shown_to(store: Store, person: ResponderId, incident: IncidentId, count: int) -> list[str]:
    """What so many buttons of one person carry."""
    tokens: list[str] = []

    def show(tx: Tx) -> None:
        for number in range(MANY // len(ACTIONS)):
            tokens.extend(presses.new(tx, person, number, 1, [written(one, incident) for one in ACTIONS]).values())

    while len(tokens) < count:
        await store.run(show)
    return tokens[:count]


async def counted(store: Store, person: ResponderId, carried: Sequence[str]) -> int:
    """How many presses of these count: as they are read, and as they are committed."""

    def count(tx: Tx) -> int:
        found = (pressed_by(tx, person, one) for one in some)
        return sum(one is not None and one.state is State.FRESH and presses.use(tx, one.key) for one in found)

    total = 0
    for start in range(0, len(carried), MANY):
        some = carried[start : start + MANY]
        total += await store.run(count)
    return total


async def test_e1_no_replayed_forged_flipped_crossed_or_expired_button_counts(tmp_path: Path, bar: Bar) -> None:
    size, chance = bar.size(100, 10_000), random.Random(SEED)
    async with scene(tmp_path) as (store, clock, bo, cleo, incident):
        mine, others = await shown_to(store, bo, incident, size), await shown_to(store, cleo, incident, size)

        wrong = {
            "another's": await counted(store, bo, others),
            "flipped": await counted(store, bo, [forging.flipped(chance, one) for one in mine]),
            "crossed": await counted(store, bo, [forging.crossed(*pair) for pair in pairwise(mine)]),
            "made up": await counted(store, bo, [forging.made_up(chance) for _ in mine]),
        }
        right = await counted(store, bo, mine)
        wrong["replayed"] = await counted(store, bo, mine)
        clock.shown += VALID_FOR
        wrong["expired"] = await counted(store, cleo, others)

    assert right == size, "every button of ours must count once, or the rest says nothing"
    assert wrong == dict.fromkeys(wrong, 0)
    bar.holds(
        "Replayed, made-up, flipped, crossed, another's and expired buttons count for nothing",
        f"0 of {len(wrong)} × {size:,}; each of {size:,} good ones counted once",
    )


@pytest.fixture
async def door() -> AsyncIterator[RespondersDoor]:
    opened = open_door(token="1:" + "t" * 35, api="http://127.0.0.1:9", say=Texts().say, attachments=Files())
    yield opened
    await opened.close()


async def test_d7_no_forged_button_does_anything(tmp_path: Path, door: RespondersDoor, bar: Bar) -> None:
    size, chance = bar.size(1_000, 100_000), random.Random(SEED)
    done: list[Act] = []
    outdated = Say(Operation.ANSWER, "responder.outdated", {}, "4711")
    async with scene(tmp_path) as (store, _, bo, cleo, incident):
        mine, others = await shown_to(store, bo, incident, 40), await shown_to(store, cleo, incident, 40)
        await counted(store, bo, mine)
        for data in islice(forging.data(chance, mine, others, K7Q2), size):
            found = await store.read(lambda tx, data=data: pressed_by(tx, bo, data))  # type: ignore[misc]
            assert found is None or found.state is State.USED
            if found is None:
                made = turn(seen_by_door(CALLING), query_id="4711")
                await door.door.read(press_of(data), made)
                done += [act for act in made.acts if act != outdated]

    assert done == []
    bar.holds("Of forged callback data, other people's buttons among it, none is accepted", f"0 of {size:,}")


async def test_d7_a_forged_press_reaches_no_incident(tmp_path: Path, bar: Bar) -> None:
    size, chance = bar.size(60, 600), random.Random(SEED)
    async with World(tmp_path) as world:
        await world.defender("Ana", watched=False)
        bo, cleo = await world.responder("Bo"), await world.responder("Cleo")
        max_ = await world.responder("Max", tier=None)
        world.phones["Ana"].type(world.defenders_bot, "sos")
        alarm = await bo.expect(world.responders_bot, "CALL FOR HELP")
        await cleo.expect(world.responders_bot, "CALL FOR HELP")
        await world.settle()
        [one] = await world.store.read(lambda tx: incidents.recent(tx, 9))
        before = await world.store.read(lambda tx: (incidents.load(tx, one.id), len(journal.of_incident(tx, one.id))))
        tokens = [data for row in alarm.buttons for _, data in row if read(data) is None]
        theirs = [data for m in cleo.heard(world.responders_bot) for row in m.buttons for _, data in row]
        greeting = max_.type(world.responders_bot, "/help")
        await world.settle()
        under = max_.chat(world.responders_bot)[-1].id
        forged = forging.data(chance, theirs and tokens, [data for data in theirs if read(data) is None], one.id)
        for data in islice((data for data in forged if data and data.isprintable() and len(data.encode()) < 64), size):
            max_.press_data(world.responders_bot, under, data)
        await world.settle(within=120)
        after = await world.store.read(lambda tx: (incidents.load(tx, one.id), len(journal.of_incident(tx, one.id))))
        answers = {answer.text for answer in max_.answers(world.responders_bot)}

        assert greeting
        assert after == before
        assert answers == {"This button is out of date; /open shows what is open."}
        assert len(tokens) >= 3
    bar.holds("Sent through the whole service, forged callback data changes no incident", f"0 of {size:,} presses did")


@pytest.mark.parametrize("kind", KINDS)
async def test_e2_of_those_who_redeem_at_once_in_two_processes_one_wins(kind: str, tmp_path: Path, bar: Bar) -> None:
    rounds = bar.size(3, 1_000)
    KEYRING.save(tmp_path / "keys")
    won: list[int] = []
    async with fresh_database(kind, tmp_path, migrated=True) as url:
        store = await Store.open(url, Hands(), KEYRING)
        try:
            bo = await store.run(responder)
            async with redeemers.elsewhere(url, tmp_path / "keys") as others:
                for number in range(rounds):
                    what, name = await store.run(partial(something_to_redeem, bo, number))
                    here = redeemers.wins(store, what, name, AT_ONCE // 2)
                    there = redeemers.wins_elsewhere(others, what, name, AT_ONCE // 2)
                    won.append(sum(await asyncio.gather(here, there)))
        finally:
            await store.close()

    assert won == [1] * rounds
    bar.holds(
        f"Of {AT_ONCE} who use one button or one invitation at once, in two processes, exactly one wins",
        f"{rounds:,} of {rounds:,} rounds",
    )


def something_to_redeem(bo: ResponderId, number: int, tx: Tx) -> tuple[str, str]:
    """A button, or an invitation, by turns."""
    if number % 2:
        code = f"CODE-{number}"
        invitations.new(tx, "responder", bo, code, tx.now + timedelta(hours=1))
        return "invitation", code
    [token] = presses.new(tx, bo, number, 1, ["o:x"]).values()
    found = presses.look(tx, token)
    assert found is not None
    return "button", found.key
