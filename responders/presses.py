"""What a button says: an action, the incident it is about, and what its reader saw when it was shown.

Written as "action:incident:seen:seen". A button that acts does not carry this but a one-time token for it, which the
engine makes and knows again (`store.presses`); only one that turns a page or asks a question carries it as it is, in at
most 64 bytes (Bot API, InlineKeyboardButton). Anybody can send anything here, so reading is tolerant and gives None for
what we never wrote.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from engine.discreet import Discreet
from engine.turn import Turn
from escalation.people import IncidentId

LONGEST = 64  # bytes


class Action(StrEnum):
    """What a button does. Those up to APPROVE are about an incident."""

    ON_IT = "o"
    CANNOT = "n"
    SEEN = "s"
    REPORT = "r"
    OUTCOMES = "m"
    CLOSE = "x"
    RUNBOOK = "b"
    TICK = "t"
    BACK = "v"
    SHOW = "w"
    CONFIRM = "c"
    DISPUTE = "d"
    APPROVE = "a"
    LANGUAGE = "l"
    AGREE = "y"
    ZONE = "z"
    AWAY = "e"
    LEAVE = "q"
    STAY = "k"
    BY_MAIL = "i"
    SENT = "f"

    @property
    def about_an_incident(self) -> bool:
        """Whether the button names an incident."""
        return self not in ALONE


ALONE = frozenset({Action.LANGUAGE, Action.AGREE, Action.ZONE, Action.AWAY, Action.LEAVE, Action.STAY})
TURNS_A_PAGE = frozenset(  # changes nothing but what is shown, or what is asked, in the presser's own chat
    {Action.OUTCOMES, Action.RUNBOOK, Action.BACK, Action.SHOW, Action.REPORT, Action.STAY, Action.SENT}
)


@dataclass(frozen=True, slots=True, repr=False)
class Press(Discreet):
    """One button's meaning. `seen` is what its reader had before them: a number, an outcome, a line, a language."""

    action: Action
    incident: IncidentId | None = None
    seen: tuple[str, ...] = ()

    def number(self, place: int = 0) -> int | None:
        """The number at `place` of what was seen; None when there is none."""
        text = self.seen[place] if place < len(self.seen) else ""
        valid = text.isascii() and text.isdigit() and len(text) < 10
        return int(text) if valid else None

    def word(self) -> str:
        """The first thing that was seen; "" when there is none."""
        return self.seen[0] if self.seen else ""


def written(action: Action, incident: UUID | None = None, *seen: object) -> str:
    """The data of a button."""
    name = () if incident is None else (urlsafe_b64encode(incident.bytes).decode().rstrip("="),)
    return ":".join((action.value, *name, *map(str, seen)))


def acts(says: str) -> bool:
    """Whether a button that says this needs a token, since its press changes something."""
    press = read(says)
    return press is not None and press.action not in TURNS_A_PAGE


def pressed(turn: Turn, data: object) -> Press | None:
    """What the button that was pressed says: by its token, or as it is if it only turns a page."""
    if turn.pressed is not None:
        press = read(turn.pressed.says)
        return None if press is None or press.action is Action.BY_MAIL else press
    press = read(data)
    return press if press is not None and press.action in TURNS_A_PAGE else None


def read(data: object) -> Press | None:
    """What a button says, or None for what no button of ours says."""
    if not isinstance(data, str) or len(data.encode(errors="replace")) > LONGEST:
        return None
    head, *rest = data.split(":")
    if head not in set(Action):
        return None
    action = Action(head)
    if not action.about_an_incident:
        return Press(action, None, tuple(rest))
    incident = _incident(rest[0]) if rest else None
    return None if incident is None else Press(action, incident, tuple(rest[1:]))


def _incident(name: str) -> IncidentId | None:
    try:
        return IncidentId(UUID(bytes=urlsafe_b64decode(f"{name}==")))
    except (ValueError, NotBase64):
        return None
