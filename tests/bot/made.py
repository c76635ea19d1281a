"""Updates as the messenger gives them, turns as the engine opens them, and Ana, whose they are."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from config.cities import load_cities
from config.panic import load_panic_words
from config.texts import Texts
from engine.acts import Act, ForgetMessage, Say
from engine.turn import Dialogue, Turn
from engine.views import DefenderView, WatchView
from escalation.lowering import Verdict
from escalation.people import DefenderId, Role

NOW = datetime(2026, 3, 1, 19, 5, tzinfo=UTC)
ANA = 4100
WORD, OTHER_WORD = "blue heron", "red heron"  # another one was chosen by force
CODE = (0, 1, 2, 3)
TEXTS = Texts()
SAY = TEXTS.say
PANIC_WORDS = load_panic_words()
CITIES = load_cities()
LANGUAGES = ("en", "es", "fr", "pt", "ar", "ru")

DAILY = WatchView(UUID(int=7), "daily", "waiting", NOW + timedelta(hours=2), None)
TIMER = WatchView(UUID(int=8), "timer", "waiting", NOW + timedelta(hours=3), None)
PAUSED = WatchView(UUID(int=7), "daily", "paused", None, NOW + timedelta(days=1))


def ana(**changes: Any) -> DefenderView:
    """Ana, active, with one routine."""
    as_she_is: dict[str, Any] = {
        "id": DefenderId(UUID(int=1)),
        "name": "Ana",
        "language": "en",
        "zone": "America/Bogota",
        "state": "active",
        "one_tap": False,
        "times": (time(9), time(21)),
        "has_safe_word": True,
        "watches": (DAILY,),
        "tiers": ((Role.CONTACT, 2, 1800.0), (Role.LAWYER, 1, 7200.0), (Role.PARTNER, 3, 21600.0)),
        "at_once": 3,
        "incident_open": False,
        "has_code": False,
    }
    return DefenderView(**as_she_is | changes)


def invited(**changes: Any) -> DefenderView:
    """Ana before she has answered anything."""
    return ana(**{"state": "enrolling", "times": (), "has_safe_word": False, "watches": ()} | changes)


def turn(me: DefenderView, dialogue: Dialogue | None = None, *, now: datetime = NOW, new_here: bool = False) -> Turn:
    """A turn of `me`, whose safe word is WORD, or OTHER_WORD by force, and whose code is CODE."""

    async def reads(word: str) -> Verdict:
        return {WORD: Verdict.GOOD, OTHER_WORD: Verdict.FORCED}.get(word, Verdict.WRONG)

    async def hashed(word: str) -> str:
        return f"hash of {word}"

    async def read(signs: Sequence[int]) -> Verdict:
        off = sum(one != other for one, other in zip(signs, CODE, strict=True))
        return (Verdict.GOOD, Verdict.WRONG, Verdict.FORCED, Verdict.FORCED, Verdict.FORCED)[off]

    async def hashed_code(signs: Sequence[int]) -> str:
        return f"hash of {list(signs)}"

    return Turn(
        str(ANA), now, dialogue or Dialogue(), reads, hashed, defender=me, new_here=new_here,
        read_code=read, hash_code=hashed_code,
    )  # fmt: skip


def update(**content: Any) -> dict[str, Any]:
    """An update with one message in it."""
    return {"update_id": 1, "message": message(**content)}


def edited(**content: Any) -> dict[str, Any]:
    """An update in which a message was changed."""
    return {"update_id": 1, "edited_message": message(edit_date=int(NOW.timestamp()), **content)}


def message(**content: Any) -> dict[str, Any]:
    """A message of Ana's."""
    return {"message_id": 11, "date": int(NOW.timestamp()), "chat": chat(), "from": sender(), **content}


def press(data: str) -> dict[str, Any]:
    """An update in which Ana pressed a button under the bot's message."""
    under = {
        "message_id": 10,
        "date": int(NOW.timestamp()),
        "chat": chat(),
        "from": {"id": 4200, "is_bot": True, "first_name": "Daybook"},
        "text": "?",
    }
    return {
        "update_id": 1,
        "callback_query": {"id": "77", "from": sender(), "chat_instance": "1", "data": data, "message": under},
    }


def chat() -> dict[str, Any]:
    """Ana's private chat."""
    return {"id": ANA, "type": "private", "first_name": "Ana"}


def sender() -> dict[str, Any]:
    """Ana as a sender."""
    return {"id": ANA, "is_bot": False, "first_name": "Ana"}


PHOTO = [
    {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 60},
    {"file_id": "large", "file_unique_id": "l", "width": 900, "height": 600},
]
VOICE = {"file_id": "voice", "file_unique_id": "v", "duration": 3}
PLACE = {"latitude": 4.61, "longitude": -74.08}
HIDDEN_FORWARD = {"forward_origin": {"type": "hidden_user", "date": int(NOW.timestamp())}}  # nameless: undecodable


def told(turn: Turn) -> list[str]:
    """The templates that were said, in order."""
    return [act.template for act in turn.acts if isinstance(act, Say)]


def forgotten(turn: Turn) -> list[str]:
    """The messages that were deleted."""
    return [act.message_id for act in turn.acts if isinstance(act, ForgetMessage)]


def visible(turn: Turn) -> list[Act]:
    """What the chat shows of the turn, in order."""
    return [act for act in turn.acts if isinstance(act, Say | ForgetMessage)]


def done(turn: Turn) -> list[Act]:
    """What the turn does besides."""
    return [act for act in turn.acts if not isinstance(act, Say | ForgetMessage)]


def words_of(turn: Turn, template: str) -> Mapping[str, Any]:
    """The words with which `template` was said."""
    return next(act.words for act in turn.acts if isinstance(act, Say) and act.template == template)
