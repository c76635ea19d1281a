"""Bar C3: what a debugger, a traceback with its locals or a pickle shows of the objects that hold people's words."""

import importlib
import pickle
import pkgutil
import traceback
from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.bars.conftest import Bar
from tests.bars.filled import Filling, dataclasses_of, other_classes_of
from tests.bars.markers import found_in

ROOMS = ("engine", "bot", "responders")
ABOUT_NOBODY = {  # what of an instance's settings they hold, and who is not named by it
    "Limits": "how fast a messenger lets us speak",
    "Pace": "how fast we have spoken",
    "Book": "the ladders and the chains",
    "Holders": "the folder for checkpoints",
    "Finding": "how many rows are so, and for how long",
}
SPEAKING = ("__repr__", "__str__", "__format__")


def modules() -> Iterator[ModuleType]:
    """Every module of the rooms, as it is on the disk."""
    for room in ROOMS:
        package = importlib.import_module(room)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            yield importlib.import_module(found.name)


KINDS = sorted({kind for module in modules() for kind in dataclasses_of(module)}, key=lambda kind: kind.__qualname__)


def shown(thing: object) -> Iterator[str]:
    """Every way in which `thing` may be printed."""
    yield repr(thing)
    yield str(thing)
    yield f"{thing}"
    yield repr([thing])
    try:
        raise ValueError
    except ValueError as fault:
        lines = traceback.TracebackException.from_exception(fault, capture_locals=True).format()
        yield "".join(line for line in lines if "fault = " not in line)
    try:
        yield pickle.dumps(thing).decode("latin-1")
    except (TypeError, AttributeError, pickle.PicklingError) as refusal:
        yield str(refusal)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_c3_no_object_of_ours_shows_what_it_holds(kind: type) -> None:
    filling = Filling(ABOUT_NOBODY)
    thing = filling.of(kind)

    said = [(way, found_in(text.encode(), filling.planted)) for way, text in enumerate(shown(thing))]

    assert [one for one in said if one[1]] == []


def test_c3_every_kind_of_object_is_looked_at(bar: Bar) -> None:
    planted = sum(len(_filled(kind).planted) for kind in KINDS)
    speaking = [
        kind.__qualname__
        for module in modules()
        for kind in other_classes_of(module)
        if any(name in vars(kind) for name in SPEAKING)
    ]

    assert len(KINDS) > 50
    assert planted > 80
    assert set(speaking) <= {"Discreet"}
    assert set(ABOUT_NOBODY) <= {kind.__name__ for kind in KINDS}
    bar.holds(
        "`repr`, `str`, pickle and a traceback with its locals show nothing of what an object holds",
        f"0 of {planted} markers in {len(KINDS)} kinds of objects, found by walking the rooms",
    )


def _filled(kind: type) -> Filling:
    filling = Filling(ABOUT_NOBODY)
    filling.of(kind)
    return filling


def test_c3_the_search_finds_what_is_shown() -> None:
    filling = Filling()
    marker = filling.text()

    assert found_in(repr({"name": marker}).encode(), filling.planted) == [marker]
    assert found_in(pickle.dumps(marker), filling.planted) == [marker]
