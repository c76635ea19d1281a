"""Bar C3 for what the store gives and takes, and for the heart's states: however printed, they show nothing."""

import asyncio
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import store
from store import deliveries, incidents, people, watches
from store.database import Tx
from tests.bars.conftest import Bar
from tests.bars.filled import Filling, dataclasses_of
from tests.bars.lived import Mail, Planted, PlantedWorld, lived
from tests.bars.markers import found_in
from tests.bars.test_c_objects import shown

ABOUT_NOBODY = {
    *("Cell", "DataKeys", "Tx", "_Line"),  # places and tools
    *("Checkpoint", "Kept", "Peaks", "Placed", "Verdict", "VerifierKey", "_Walk"),  # hashes, which others hold as well
    "Certificate",  # the same, and a random id
    *("Copies", "Rotated"),  # of the machine
}


def modules() -> Iterator[ModuleType]:
    """Every file of the store but the tables, which are never instances, and the migrations."""
    for found in pkgutil.iter_modules(store.__path__, "store."):
        if not found.ispkg:
            yield importlib.import_module(found.name)


EVERY = sorted({kind for module in modules() for kind in dataclasses_of(module)}, key=lambda kind: kind.__qualname__)
KINDS = [kind for kind in EVERY if kind.__name__ not in ABOUT_NOBODY]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_c3_no_record_shows_what_it_holds(kind: type) -> None:
    filling = Filling()
    thing = filling.of(kind)

    assert [found for text in shown(thing) if (found := found_in(text.encode(), filling.planted))] == []


def test_c3_only_what_there_is_is_left_out_as_about_nobody() -> None:
    assert {kind.__name__ for kind in EVERY} >= ABOUT_NOBODY


def test_c3_records_and_states_of_a_whole_life_show_nobody(bar: Bar, tmp_path: Path) -> None:
    planted = Planted()

    async def live() -> list[str]:
        async with PlantedWorld(tmp_path, more_channels={"responder:mail": Mail()}) as world:
            found = await lived(world, planted, 2)

            def gather(tx: Tx) -> list[object]:
                states = [one for incident in found if (one := incidents.load(tx, incident)) is not None]
                defenders = people.defenders(tx)
                own = [watch for person in defenders for watch in watches.of_defender(tx, person.id)]
                everybody = [*defenders, *people.responders(tx)]
                return [*states, *everybody, *own, *(row for one in found for row in deliveries.of_incident(tx, one))]

            return [text for thing in await world.store.read(gather) for text in shown(thing)]

    texts = asyncio.run(live())

    assert [hit for text in texts for hit in found_in(text.encode(), planted.all)] == []
    assert len(texts) > 200
    bar.holds(
        "`repr`, `str`, pickle and a traceback with its locals show nothing of what an object holds",
        f"nor do {len(KINDS)} kinds of records of the store, or the heart's states of a whole life",
    )
