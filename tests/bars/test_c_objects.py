"""Bar C3: what a debugger, a traceback with its locals or a pickle shows of the objects that hold people's words."""

import importlib
import pickle
import pkgutil
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import get_args

import pytest
from pydantic import SecretStr

from config.bot_tokens import Bot
from config.settings import Settings
from responders.reading import QuietBot, machine
from store.discreet import Discreet
from tests.bars.conftest import Bar
from tests.bars.filled import Filling, dataclasses_of, other_classes_of
from tests.bars.markers import found_in

ROOMS = ("engine", "bot", "responders", "tocsin", "config")
ABOUT_NOBODY = {  # what of an instance's settings they hold, and who is not named by it
    "Limits": "how fast a messenger lets us speak",
    "Pace": "how fast we have spoken",
    "Book": "the ladders and the chains",
    "Holders": "the folder for checkpoints",
    "Finding": "how many rows are so, and for how long",
    "BotFacts": "a bot, as everybody sees it",
    "Covered": "the texts of the cover",
    "Ladders": "the ladders and the chains",
    "Language": "our texts",
    "SeenPage": "a page of ours",
    "Member": "somebody of the demonstration",
    "Troupe": "the bots and phones of the demonstration",
    "Restored": "how many there are in a backup",
    "Written": "the files of a backup",
    "ShownKey": "a key's use and id, which is not the key",
    "Way": "the name of a channel, and when it worked",
    "ShownWatch": "a watch's kind and phase, and when it is due",
}
SPEAKS_OF_NOBODY = {  # whatever else says more of itself than its class, and what it says
    **dict.fromkeys(("Asked", "Enrolment"), "the steps of a dialogue, by name"),
    "QuietBot": "its class; that it does not show its token is tried below",
    "Bot": "a bot's number, and a token that hides itself",
    "LeadsTo": "a bot, as everybody sees it",
    "Listen": "where our pages are",
    "Settings": "what hides itself, and what the machine is told; it is tried below",
    **dict.fromkeys(("Table", "LadderTable", "LaddersTable", "OverseersTable", "ProfileTable", "TierTable"), "ladders"),
    "Doors": "doors, which say nothing of themselves",
    "Front": "our commands",
    "Output": "the log's own",
}
SPEAKING = ("__repr__", "__str__", "__format__")
TOKEN = "100001:" + "d" * 35


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
        if any(getattr(kind, name) not in (getattr(object, name), getattr(Discreet, name)) for name in SPEAKING)
    ]

    assert len(KINDS) > 50
    assert planted > 80
    assert set(speaking) == set(SPEAKS_OF_NOBODY)
    assert set(ABOUT_NOBODY) <= {kind.__name__ for kind in KINDS}
    bar.holds(
        "`repr`, `str`, pickle and a traceback with its locals show nothing of what an object holds",
        f"0 of {planted} markers in {len(KINDS)} kinds of objects, found by walking the rooms",
    )


def test_c3_what_holds_a_token_does_not_show_it() -> None:
    token = SecretStr(TOKEN)
    bot = QuietBot(TOKEN)
    secrets = {name: SecretStr(TOKEN) for name, field in Settings.model_fields.items() if hides(field.annotation)}
    settings = Settings.model_construct(None, **secrets)
    things = (bot, machine(bot), Bot(100_001, token), settings, settings.bots("defender"))

    printed = [way for thing in things for way in (repr(thing), str(thing), f"{thing}", repr([thing]))]

    assert len(secrets) > 6
    assert [text for text in printed if found_in(text.encode(), [TOKEN, TOKEN.partition(":")[2]])] == []


def hides(annotation: object) -> bool:
    """Whether a setting is one that hides itself."""
    return annotation is SecretStr or SecretStr in get_args(annotation) or any(map(hides, get_args(annotation)))


def _filled(kind: type) -> Filling:
    filling = Filling(ABOUT_NOBODY)
    filling.of(kind)
    return filling


def test_c3_the_search_finds_what_is_shown() -> None:
    filling = Filling()
    marker = filling.text()

    assert found_in(repr({"name": marker}).encode(), filling.planted) == [marker]
    assert found_in(pickle.dumps(marker), filling.planted) == [marker]
