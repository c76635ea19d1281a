"""What a defender asked for with a code and has not taken effect yet: shown to coordinators, and taken back by them.

Nobody sees here what the code said. That somebody is forced is an alarm of its own, and coordinators have it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from engine.happenings import Happenings
from engine.lowering import WAITS, Lowerings
from escalation.incident_words import Kind
from escalation.lowering import Lowering, Phase, TakeEffect, TimePassed, Want, decide
from escalation.people import Role
from store import incidents, journal, lowerings
from store.database import Tx
from store.records import DefenderRecord, ResponderRecord

from .printing import instant
from .refusing import Refused

SAID = {
    "pause": "no check-ins for a while",
    "times": "other times of day",
    "zone": "another time zone",
    "leave": "to leave",
    "code": "another code",
    "word": "another safe word",
}
MAY_KEEP = (Role.COORDINATOR, Role.LEAD, Role.DIRECTOR)


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that waits, and when it begins."""

    want: Want
    begins_at: datetime

    def __str__(self) -> str:
        return SAID.get(self.want.value, self.want.value)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What waits, the first to begin first. `covert` when a covert alarm is open: then nobody asks them about it."""

    waiting: tuple[Wish, ...]
    covert: bool


def wishes_of(tx: Tx, who: DefenderRecord) -> Wishes:
    """What waits for its time, as far as it would take effect then."""
    waiting = [Wish(one.wish.want, one.begins_at) for one in _waiting(tx, who)]
    covert = any(one.kind is Kind.DURESS for one in incidents.open_of_defender(tx, who.id))
    return Wishes(tuple(sorted(waiting, key=lambda one: one.begins_at)), covert)


def keep_as_it_is(tx: Tx, happenings: Happenings, who: DefenderRecord, by: ResponderRecord) -> str:
    """Take everything back that waits, in the name of a coordinator; gives a sentence for the operator.

    Raises Refused."""
    if by.state != "active" or by.role not in MAY_KEEP:
        raise Refused(f"{by.name} does not coordinate: name an active coordinator, lead or director with --by.")
    taken_back = wishes_of(tx, who).waiting
    if not taken_back:
        raise Refused(f"Nothing waits for {who.name}: everything is as it was.")
    Lowerings(happenings).take_back(tx, who.id)
    wants = [one.want.value for one in taken_back]
    journal.write(tx, "kept_as_it_is", defender=who.id, actor=by.id, wants=list(wants))
    said = ", ".join(f"{one} (from {instant(one.begins_at)})" for one in taken_back)
    return f"Everything stays as it is for {who.name}; taken back: {said}. Their chat says nothing of it."


def _waiting(tx: Tx, who: DefenderRecord) -> list[Lowering]:
    standing = [one for one in lowerings.of_defender(tx, who.id) if one.wish.want in WAITS]
    return [one for one in standing if _would_take_effect(one)]


def _would_take_effect(lowering: Lowering) -> bool:
    _, effects = decide(replace(lowering, phase=Phase.WAITING), TimePassed(), lowering.begins_at)
    return any(isinstance(effect, TakeEffect) for effect in effects)
