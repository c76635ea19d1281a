"""Bar F5: a row of an incident does not tell whether it was forced, called for or missed, while it is open or after."""

from collections import defaultdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import RowMapping, select

from config.ladders import load_ladders
from engine.happenings import Happenings
from engine.metrics import Metrics
from engine.planning import Book
from escalation import incident_words as said
from escalation.incident_words import Kind, Outcome
from escalation.people import IncidentId, Role
from store import incidents, people
from store.database import Tx
from store.tables.calling import INCIDENT
from tests.bars.conftest import Bar
from tests.databases import KINDS, fresh_store
from tests.store.made import ana, responder

EACH = (Kind.PANIC, Kind.MISSED, Kind.DURESS)
Row = dict[str, object]


def live_through(happenings: Happenings, of: Kind, tx: Tx) -> dict[str, Row]:
    """One incident from its opening to its end, with its row at each stage."""
    defender, bo, cleo = ana(tx), responder(tx, f"Bo {uuid4()}"), responder(tx, f"Cleo {uuid4()}", Role.COLLEAGUE)
    people.place_in_tier(tx, defender, "contacts", bo)
    people.place_in_tier(tx, defender, "colleagues", cleo)
    due_at = tx.now - timedelta(minutes=30) if of is Kind.MISSED else None
    cause = f"missed:{uuid4()}:{tx.now.isoformat()}" if due_at else f"panic:{defender}"
    opened = happenings.open(tx, defender, of, cause, due_at=due_at)
    assert opened is not None
    stages = {"calling": row_of(tx, opened.id)}
    held = happenings.to_incident(tx, opened, said.TookIt(bo))
    stages["held"] = row_of(tx, opened.id)
    proposed = happenings.to_incident(tx, held, said.Closed(bo, Outcome.SAFE))
    if proposed.closed_at is None:
        happenings.to_incident(tx, proposed, said.CoordinatorJoined(cleo))
        called = incidents.load(tx, opened.id)
        assert called is not None
        happenings.to_incident(tx, called, said.Confirmed(cleo, called.proposals))
    stages["closed"] = row_of(tx, opened.id)
    assert stages["closed"]["phase"] == "closed"
    return stages


def row_of(tx: Tx, incident: IncidentId) -> Row:
    """What the database holds of an incident."""
    found: RowMapping = tx.connection.execute(select(INCIDENT).where(INCIDENT.c.id == incident)).mappings().one()
    return dict(found)


def shape(row: Row) -> tuple[object, ...]:
    """All that a row shows besides random ids, instants, and what is sealed: types and lengths, and its words."""
    told = []
    for name, value in sorted(row.items()):
        length = len(value) if isinstance(value, str | bytes) else None
        told.append((name, type(value).__name__, length, value if name == "phase" else None))
    return tuple(told)


@pytest.mark.parametrize("kind", KINDS)
async def test_f5_an_incident_of_one_kind_looks_like_one_of_another(kind: str, tmp_path: Path, bar: Bar) -> None:
    ladders, rounds = load_ladders(None), bar.size(5, 200)
    happenings = Happenings(Book(ladders.profiles, ladders.chains), Metrics())
    shapes: dict[str, dict[Kind, set[object]]] = defaultdict(lambda: defaultdict(set))
    words: set[object] = set()

    async with fresh_store(kind, tmp_path) as store:
        for of in EACH * rounds:
            stages = await store.run(partial(live_through, happenings, of))
            for stage, row in stages.items():
                shapes[stage][of].add(shape(row))
                words |= {value for value in row.values() if isinstance(value, str)}

    assert set(shapes) == {"calling", "held", "closed"}
    for by_kind in shapes.values():
        assert len(by_kind[Kind.PANIC]) == 1
        assert by_kind[Kind.PANIC] == by_kind[Kind.MISSED] == by_kind[Kind.DURESS]
    assert not words & {str(one) for one in (*Kind, *Outcome)}
    bar.holds(
        "the rows of a forced, a missed and a called incident have the same columns, shapes and lengths at each stage",
        f"{rounds} incidents of each kind on {'SQLite' if kind == 'sqlite' else 'PostgreSQL'}, no difference",
    )
