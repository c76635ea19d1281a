"""What is said by the link in an alarm's mail: told to the others, and nothing more.

A mail is read by servers on its way and by whoever has the mailbox, so its answer is weak: it holds no incident, puts
nothing off, closes nothing and takes nobody out of the calling. Looking at the link's page changes nothing at all.
"""

from collections.abc import Callable
from enum import StrEnum

from engine.happenings import Happenings
from escalation.incident_state import Incident, Phase
from escalation.incident_words import WroteByMail
from escalation.people import ResponderId
from store import incidents, people, presses
from store.database import Store, Tx
from store.presses import Pressed, State

from .presses import Action, read


class Became(StrEnum):
    """What has become of an answer by mail."""

    NOTED = "noted"
    OVER = "over"
    GONE = "gone"


class MailAnswers:
    """Notes what is said by a link. `changed` is called when something was."""

    def __init__(self, store: Store, happenings: Happenings, changed: Callable[[], None]) -> None:
        """Nothing is read before `give`."""
        self._store = store
        self._happenings = happenings
        self._changed = changed

    async def give(self, token: str, *, cannot: bool) -> Became:
        """What became of this answer. Whoever guesses at tokens keeps nobody waiting who writes. Raises Locked."""
        if await self._store.read(lambda tx: _meant(tx, token)) is None:
            return Became.GONE
        became = await self._store.run(lambda tx: self._note(tx, token, cannot))
        self._changed()
        return became

    def _note(self, tx: Tx, token: str, cannot: bool) -> Became:
        meant = _meant(tx, token)
        if meant is None:
            return Became.GONE
        pressed, incident = meant
        if incident.phase is Phase.CLOSED:
            return Became.OVER
        if pressed.state is State.OLD:
            return Became.GONE
        if pressed.state is State.FRESH and presses.use(tx, pressed.key):
            self._happenings.to_incident(tx, incident, WroteByMail(ResponderId(pressed.person), cannot))
        return Became.NOTED


def _meant(tx: Tx, token: str) -> tuple[Pressed, Incident] | None:
    """The link, and the incident that it is about, if whoever it was sent to is still called."""
    pressed = presses.look(tx, token)
    press = read(pressed.says) if pressed is not None else None
    if pressed is None or press is None or press.action is not Action.BY_MAIL or press.incident is None:
        return None
    if people.state_of(tx, "responder", pressed.person) != "active":
        return None
    incident = incidents.load(tx, press.incident)
    return None if incident is None else (pressed, incident)
