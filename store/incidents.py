"""Incidents: their state as the heart made it, with what is due as a column.

Who reads in order to write holds the row until the end of the transaction; who asks for a defender's open incidents
holds the defender, so that no two transactions open one for the same reason. Who looks for what is due passes over the
rows that somebody else holds, and holds those that it finds.

Of what kind an incident is, what opened it and how it ended is sealed with its state, and asked of the state.
"""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Select, bindparam, func, literal_column, or_, select, update

from escalation.incident_state import Incident, wakes_at
from escalation.people import IncidentId

from . import references, states
from .database import Tx
from .sealing import Cell, Erased, SealBroken, opened, seal
from .tables.calling import HEARD, INCIDENT
from .tables.people import DEFENDER
from .upsert import insert_new

CLAIMED, OPEN = "incident that is due", "open incidents of"  # what a transaction knows of them

CHANGING = ("phase", "wakes_at", "holder", "held_until", "closed_at", "body")
BODIES = select(INCIDENT.c.id, INCIDENT.c.defender, INCIDENT.c.body)
CAUSE = select(INCIDENT.c.defender, INCIDENT.c.cause).where(INCIDENT.c.id == bindparam("number"))
Bodies = Select[UUID, UUID, bytes]
IS_OPEN = INCIDENT.c.phase != literal_column("'closed'")
ONE = BODIES.where(INCIDENT.c.id == bindparam("number"))
BY_REFERENCE = BODIES.where(INCIDENT.c.reference == bindparam("written"))
OPEN_OF = BODIES.where(INCIDENT.c.defender == bindparam("whose"), IS_OPEN).order_by(INCIDENT.c.opened_at, INCIDENT.c.id)
OPEN_ABOUT = (
    BODIES.join(HEARD, HEARD.c.incident == INCIDENT.c.id)
    .where(HEARD.c.person == bindparam("whose"), IS_OPEN)
    .order_by(INCIDENT.c.opened_at, INCIDENT.c.id)
)
HOLD_DEFENDER = select(DEFENDER.c.id).where(DEFENDER.c.id == bindparam("whose")).with_for_update()
NEW = insert_new(INCIDENT).returning(INCIDENT.c.id)
THE_SAME = select(INCIDENT.c.id).where(
    or_(INCIDENT.c.opened_by == bindparam("cause"), INCIDENT.c.id == bindparam("number"))
)
CHANGE = (
    update(INCIDENT).where(INCIDENT.c.id == bindparam("number")).values({name: bindparam(name) for name in CHANGING})
)
HEAR = insert_new(HEARD)
DUE = (
    BODIES.where(INCIDENT.c.wakes_at <= bindparam("at"))
    .order_by(INCIDENT.c.wakes_at, INCIDENT.c.id)
    .limit(bindparam("most"))
)
CLAIM = DUE.with_for_update(skip_locked=True)
HOLD = {chosen: chosen.with_for_update(of=INCIDENT) for chosen in (ONE, BY_REFERENCE, OPEN_OF, OPEN_ABOUT)}
REFERENCE = select(INCIDENT.c.reference).where(INCIDENT.c.id == bindparam("number"))
NEXT_WAKE = select(func.min(INCIDENT.c.wakes_at)).where(INCIDENT.c.wakes_at.is_not(None))  # as the index says


def load(tx: Tx, incident: UUID) -> Incident | None:
    """One incident, None when there is none of this id. Raises StateUnreadable."""
    if tx.locking:
        return tx.known.once("incident", incident, partial(_held, tx, incident))
    found = tx.connection.execute(ONE, {"number": incident}).first()
    return None if found is None else states.INCIDENT.open(tx, found)


def _held(tx: Tx, incident: UUID) -> Incident | None:
    found = tx.known.of(CLAIMED, incident) or tx.connection.execute(HOLD[ONE], {"number": incident}).first()
    return None if found is None else states.INCIDENT.open(tx, found)


def insert(
    tx: Tx, incident: Incident, opened_by: str, due_at: datetime | None, slip_at: datetime | None = None
) -> bool:
    """Keep a new incident under a new reference; False when it, or another opened by the same, is kept already.

    `opened_by` names the cause; `due_at` is the due time that was missed, `slip_at` when something was given for it
    that was not right."""
    blind = tx.vault.blind("opened_by", opened_by)
    instants = {"due_at": due_at, "slip_at": slip_at}
    cause = {"opened_by": opened_by, **{name: at.isoformat() if at else None for name, at in instants.items()}}
    row = {
        **_columns(tx, incident),
        "id": incident.id,
        "defender": incident.defender,
        "opened_by": blind,
        "opened_at": incident.opened_at,
        "cause": seal(tx, incident.defender, _cause_of(incident.id), dict(cause)),
    }
    for reference in references.references():
        if tx.connection.execute(NEW, {**row, "reference": reference}).first() is not None:
            break
        if tx.connection.execute(THE_SAME, {"cause": blind, "number": incident.id}).first() is not None:
            return False
    _hear(tx, incident)
    tx.known.put("incident", incident.id, incident)
    tx.known.forget(OPEN, incident.defender)
    return True


def save(tx: Tx, incident: Incident) -> None:
    """Keep the incident as it now is."""
    tx.connection.execute(CHANGE, {**_columns(tx, incident), "number": incident.id})
    _hear(tx, incident)
    tx.known.put("incident", incident.id, incident)
    tx.known.forget(OPEN, incident.defender)


def reference(tx: Tx, incident: UUID) -> str:
    """The short name of an incident; "?" when there is none of this id."""
    found = tx.connection.execute(REFERENCE, {"number": incident}).scalar()
    return str(found or "?")


def due_at(tx: Tx, incident: UUID) -> datetime | None:
    """The due time that was missed; None for incidents of other kinds, and where it cannot be opened any more."""
    return _of_cause(tx, incident, "due_at")


def slip_at(tx: Tx, incident: UUID) -> datetime | None:
    """When something was given as the sign that was not right; None when nothing was, and where it does not open."""
    return _of_cause(tx, incident, "slip_at")


def _of_cause(tx: Tx, incident: UUID, name: str) -> datetime | None:
    row = tx.connection.execute(CAUSE, {"number": incident}).first()
    try:
        cause = opened(tx, row.defender, _cause_of(incident), row.cause) if row else None
    except (SealBroken, Erased):
        return None
    instant = cause.get(name) if isinstance(cause, dict) else None
    return datetime.fromisoformat(instant) if isinstance(instant, str) else None


def due(tx: Tx, now: datetime, limit: int) -> list[IncidentId]:
    """Which incidents want to be asked at `now` and are held by nobody else, the longest overdue first."""
    found = tx.connection.execute(CLAIM if tx.locking else DUE, {"at": now, "most": limit}).all()
    for row in found if tx.locking else ():
        tx.known.put(CLAIMED, row.id, row)
    return [IncidentId(row.id) for row in found]


def next_wake(tx: Tx, but: Collection[UUID] = ()) -> datetime | None:
    """When the next incident wants to be asked, leaving aside those in `but`; None when all are closed."""
    chosen = NEXT_WAKE.where(INCIDENT.c.id.not_in(but)) if but else NEXT_WAKE
    instant: datetime | None = tx.connection.execute(chosen).scalar()
    return instant


def open_of_defender(tx: Tx, defender: UUID) -> tuple[Incident, ...]:
    """The open incidents of this defender that can be read, the oldest first."""
    if tx.locking:
        return tx.known.once(OPEN, defender, partial(_open_and_held, tx, defender))
    return _read(tx, OPEN_OF, {"whose": defender})


def _open_and_held(tx: Tx, defender: UUID) -> tuple[Incident, ...]:
    if tx.connection.dialect.name != "sqlite":  # which has but one writer
        tx.connection.execute(HOLD_DEFENDER, {"whose": defender})
    return _read(tx, OPEN_OF, {"whose": defender})


def open_about(tx: Tx, responder: UUID) -> tuple[Incident, ...]:
    """The open incidents to which this person was called, or of which they were told, the oldest first.

    Only those that can be read."""
    return _read(tx, OPEN_ABOUT, {"whose": responder})


def recent(tx: Tx, limit: int, only_open: bool = False) -> tuple[Incident, ...]:
    """The newest incidents that can be read, the newest first."""
    chosen = BODIES.where(IS_OPEN) if only_open else BODIES
    newest = chosen.order_by(INCIDENT.c.opened_at.desc(), INCIDENT.c.id).limit(bindparam("most"))
    found = tx.connection.execute(newest, {"most": limit})
    return tuple(states.INCIDENT.readable(tx, found))


def by_reference(tx: Tx, ref: str) -> Incident | None:
    """The incident of this short name, however it was typed."""
    found = _read(tx, BY_REFERENCE, {"written": references.as_written(ref)})
    return found[0] if found else None


def _read(tx: Tx, chosen: Bodies, words: dict[str, object]) -> tuple[Incident, ...]:
    return tuple(states.INCIDENT.readable(tx, tx.connection.execute(HOLD[chosen] if tx.locking else chosen, words)))


def _columns(tx: Tx, incident: Incident) -> dict[str, object]:
    return {
        "phase": incident.phase.value,
        "wakes_at": wakes_at(incident),
        "holder": incident.holder,
        "held_until": incident.held_until,
        "closed_at": incident.closed_at,
        "body": states.INCIDENT.seal(tx, incident),
    }


def _cause_of(incident: UUID) -> Cell:
    return Cell("incident", "cause", incident)


def _hear(tx: Tx, incident: Incident) -> None:
    people = dict.fromkeys((*(call.person for call in incident.calls), *incident.informed))
    if people:
        tx.connection.execute(HEAR, [{"incident": incident.id, "person": person} for person in people])
