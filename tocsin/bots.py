"""The bots of both sides, opened: each with its door, its channel, and the names of its lane and of its source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from config.bot_tokens import Bot
from config.cities import load_cities
from config.covers import Covered
from config.panic import load_panic_words
from config.settings import Settings
from config.texts import Texts
from engine.letter import Attachment, Channel
from engine.several_bots import Files, OfBot
from store import bots
from store.database import Tx
from store.discreet import Discreet

from .elsewhere import Elsewhere
from .refusing import Refused

if TYPE_CHECKING:
    from bot.door import DefendersDoor
    from responders.door import RespondersDoor

SIDES = ("defender", "responder")
Names = Mapping[str, Sequence[int | None]]


@dataclass(frozen=True, slots=True, repr=False)
class OpenBot(Discreet):
    """One bot. `name` is its number, None for the first of its side: see `store.bots`."""

    side: str
    name: int | None
    token: SecretStr
    room: "DefendersDoor | RespondersDoor"

    @property
    def source(self) -> str:
        """How its updates are named."""
        return bots.of_bot(f"{self.side}s", self.name)

    @property
    def lane(self) -> str:
        """Where its letters wait."""
        return bots.of_bot(f"{self.side}:telegram", self.name)

    @property
    def channel(self) -> Channel:
        """The way to everybody who has begun it."""
        return self.room.channel if self.name is None else OfBot(self.room.channel, self.name)


def given(settings: Settings) -> dict[str, tuple[Bot, ...]]:
    """The bots of each side. Raises Refused where one has none."""
    found = {side: settings.bots(side) for side in SIDES}
    if not all(found.values()):
        raise Refused("Both bots need a token: set TOCSIN_DEFENDER_BOT_TOKEN and TOCSIN_RESPONDER_BOT_TOKEN.")
    return found


def name_all(tx: Tx, settings: Settings) -> Names:
    """These are our bots from now on; gives what they are named, side by side in their order."""
    return {side: bots.begin(tx, side, [bot.number for bot in some]) for side, some in given(settings).items()}


def open_bots(settings: Settings, texts: Texts, covered: Covered, said: Elsewhere, names: Names) -> list[OpenBot]:
    """All bots, the defenders' first. Their libraries take seconds to import, so this runs beside the loop."""
    import bot.door
    import responders.door

    api, language = settings.telegram_api, settings.language
    files: dict[int | None, Attachment] = {}
    opened = []
    for name, one in zip(names["defender"], settings.bots("defender"), strict=True):
        room = bot.door.open_door(
            token=one.token.get_secret_value(),
            api=api,
            say=said,
            panic_words=load_panic_words(),
            languages=texts.languages,
            cities=load_cities(),
            cover=covered.say(language, "defender.cover"),
            source=bots.of_bot("defenders", name),
        )
        files[name] = room.attachments
        opened.append(OpenBot("defender", name, one.token, room))
    for name, one in zip(names["responder"], settings.bots("responder"), strict=True):
        other = responders.door.open_door(
            token=one.token.get_secret_value(),
            api=api,
            say=texts.say,
            attachments=Files(files),
            languages=texts.languages,
            language=language,
            source=bots.of_bot("responders", name),
        )
        opened.append(OpenBot("responder", name, one.token, other))
    return opened
