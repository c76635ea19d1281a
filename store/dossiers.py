"""Dossiers: all that is kept of an incident, read in one statement for as many as are wanted.

Its state stays sealed until somebody asks for it: whether anything has changed since it was last looked at is seen from
outside, for a state is sealed anew whenever it is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select

from escalation.incident_state import Incident

from . import states
from .database import Tx
from .discreet import Discreet
from .sealing import Cell, Erased, SealBroken, opened
from .tables.calling import ATTACHMENT, INCIDENT, TICK

THINGS = select(func.count()).where(ATTACHMENT.c.incident == INCIDENT.c.id).correlate(INCIDENT).scalar_subquery()
LINES = select(func.count()).where(TICK.c.incident == INCIDENT.c.id).correlate(INCIDENT).scalar_subquery()
THESE = (
    select(INCIDENT.c.id, INCIDENT.c.defender, INCIDENT.c.body, INCIDENT.c.reference, INCIDENT.c.cause)
    .add_columns(THINGS.label("things"), LINES.label("lines"))
    .where(INCIDENT.c.id.in_(bindparam("numbers", expanding=True)))
    .order_by(INCIDENT.c.id)  # whoever holds several holds them in one order
)
HELD = THESE.with_for_update(of=INCIDENT)


@dataclass(frozen=True, slots=True, repr=False)
class Dossier(Discreet):
    """What is kept of one incident. `things` is how much the defender sent along, `lines` how much of the runbook is
    done. Two are equal only while nothing has happened to the incident between them."""

    id: UUID
    defender: UUID
    body: bytes = field(repr=False)
    reference: str
    cause: bytes = field(repr=False)
    things: int
    lines: int

    def state(self, tx: Tx) -> Incident:
        """The incident as the heart made it. Raises StateUnreadable or Locked."""
        return states.INCIDENT.open(tx, (self.id, self.defender, self.body))

    def instants(self, tx: Tx) -> tuple[datetime | None, datetime | None]:
        """The due time that was missed, and when something was given for it that was not right; None for what was not,
        and where it cannot be opened any more."""
        try:
            cause = opened(tx, self.defender, Cell("incident", "cause", self.id), self.cause)
        except (SealBroken, Erased):
            return None, None
        known = cause if isinstance(cause, dict) else {}
        return _instant(known.get("due_at")), _instant(known.get("slip_at"))


def dossiers(tx: Tx, incidents: Iterable[UUID]) -> dict[UUID, Dossier]:
    """The dossiers of those of `incidents` that there are; where more than looking is allowed, they are held."""
    numbers = list(incidents)
    if not numbers:
        return {}
    found = tx.connection.execute(HELD if tx.locking else THESE, {"numbers": numbers})
    return {row.id: Dossier(*row) for row in found}


def _instant(written: object) -> datetime | None:
    return datetime.fromisoformat(written) if isinstance(written, str) else None
