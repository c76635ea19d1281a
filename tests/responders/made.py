"""Things made by hand for the tests of the responders' door: incidents, letters, turns and raw updates."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from config.texts import Texts
from engine.letter import Letter, Operation
from engine.turn import Dialogue, Turn
from engine.views import CallView, IncidentView, NextView, PlaceView, ProposalView, ResponderView
from escalation.incident_state import Phase
from escalation.incident_words import Kind, Outcome
from escalation.people import DefenderId, IncidentId, ResponderId, Role
from responders.presses import acts
from store.presses import Pressed, State

NOW = datetime(2026, 3, 2, 14, 7, tzinfo=UTC)
SAY = Texts().say
BO, CLEO = ResponderId(UUID(int=0xB0)), ResponderId(UUID(int=0xC1E0))
ANA = DefenderId(UUID(int=0xA4A))
K7Q2, M3XR = IncidentId(UUID(int=0x7072)), IncidentId(UUID(int=0x3313))


def call(person: ResponderId, name: str, times: int = 1) -> CallView:
    """That this person was called."""
    return CallView(person, name, Role.CONTACT, "contacts", times, declined=False, out_of_reach=False)


CALLING = IncidentView(
    id=K7Q2,
    reference="K7Q2",
    kind=Kind.PANIC,
    phase=Phase.CALLING,
    at=NOW,
    defender=ANA,
    defender_name="Ana",
    defender_zone="America/Bogota",
    opened_at=NOW - timedelta(minutes=5),
    due_at=None,
    round=1,
    calls=(call(BO, "Bo"), call(CLEO, "Cleo")),
    holder=None,
    holder_name=None,
    held_since=None,
    held_until=None,
    last_holder_name=None,
    proposal=None,
    outcome=None,
    closed_at=None,
    next=NextView("lawyers", NOW + timedelta(minutes=10)),
    place=None,
    ticked=(),
    covert=False,
)


def held(by: ResponderId = BO, name: str = "Bo") -> IncidentView:
    """The call for help while somebody has it."""
    return replace(
        CALLING,
        phase=Phase.HELD,
        holder=by,
        holder_name=name,
        held_since=NOW,
        held_until=NOW + timedelta(minutes=25),
        next=NextView("lapse", NOW + timedelta(minutes=25)),
    )


def proposed(by: ResponderId = CLEO, name: str = "Cleo") -> IncidentView:
    """The call for help after somebody said how it ended."""
    return replace(CALLING, proposal=ProposalView(3, by, name, Outcome.SAFE))


def closed() -> IncidentView:
    """The call for help when it is over."""
    return replace(CALLING, phase=Phase.CLOSED, outcome=Outcome.SAFE, closed_at=NOW, next=None)


def missed() -> IncidentView:
    """A check-in that did not come."""
    return replace(CALLING, kind=Kind.MISSED, due_at=NOW - timedelta(hours=1))


def covert() -> IncidentView:
    """A word that somebody was forced to say."""
    return replace(CALLING, kind=Kind.DURESS, covert=True)


def drill() -> IncidentView:
    """Practice."""
    return replace(CALLING, kind=Kind.DRILL)


PLACE = PlaceView(4.6097102, -74.0817499, NOW - timedelta(minutes=9))


def letter(template: str, incident: IncidentView | None = None, **changes: Any) -> Letter:
    """A letter to Bo; `changes` are fields of it."""
    fields: dict[str, Any] = {
        "key": 1, "operation": Operation.SEND, "template": template, "words": {}, "language": "en", "zone": "UTC",
        "incident": incident, "person": BO,
    }  # fmt: skip
    return Letter(**{**fields, **changes})


def responder(*open_here: IncidentView, state: str = "active") -> ResponderView:
    """Bo as the door sees him."""
    return ResponderView(BO, "Bo", "en", "UTC", Role.CONTACT, state, None, open_here)


async def _never(_: str) -> Any:
    raise AssertionError("a responder has no safe word")


def turn(view: ResponderView, **changes: Any) -> Turn:
    """One update of Bo's."""
    fields: dict[str, Any] = {
        "chat": "77", "now": NOW, "dialogue": Dialogue(), "read_word": _never, "hash_safe_word": _never,
        "responder": view, "message_id": "5",
    }  # fmt: skip
    return Turn(**{**fields, **changes})


TOKEN = "a" + "T" * 43


def button(says: str, state: State = State.FRESH) -> Pressed | None:
    """The button of Bo's that says this, as the engine knows it by its token; None for one that has none."""
    return Pressed("its key", BO, says, state) if acts(says) else None


def carried(says: str) -> str:
    """What such a button carries."""
    return TOKEN if acts(says) else says


PERSON = {"id": 77, "is_bot": False, "first_name": "Bo"}
CHAT = {"id": 77, "type": "private", "first_name": "Bo"}


def wrote(text: str | None = None, **more: Any) -> dict[str, Any]:
    """A message as the messenger gives it."""
    message = {"message_id": 5, "date": 1_772_460_000, "chat": CHAT, "from": PERSON, **more}
    if text is not None:
        message["text"] = text
    return {"update_id": 1, "message": message}


def pressed(data: str, message_id: int = 9) -> dict[str, Any]:
    """A press as the messenger gives it."""
    under = {"message_id": message_id, "date": 1_772_460_000, "chat": CHAT, "text": "…"}
    query = {"id": "4711", "from": PERSON, "chat_instance": "1", "data": data, "message": under}
    return {"update_id": 2, "callback_query": query}
