"""What the auditor asks is answered from indexes on both databases, however much has been kept."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from engine.auditing import audit
from store import audit_looks
from store.database import Store, Tx

Watch = Callable[[Connection, object, str, Any], None]


async def plans_of(store: Store, kind: str) -> list[str]:
    """How the database means to answer each of an audit's questions, a line for each step."""
    steps: list[str] = []

    def watch(connection: Connection, _: object, statement: str, parameters: Any, *rest: object) -> None:
        del rest
        cursor = connection.connection.cursor()
        if kind == "sqlite":
            steps.extend(step for *_, step in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())
        else:
            cursor.execute(f"EXPLAIN {statement}", parameters)
            steps.extend(step for (step,) in cursor.fetchall())

    def ask(tx: Tx) -> None:
        if kind != "sqlite":  # the tables are empty, and reading nothing from end to end is cheapest
            tx.connection.execute(text("SET LOCAL enable_seqscan = off"))
            tx.connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        event.listen(tx.connection, "before_cursor_execute", watch)
        audit(tx)
        audit_looks.oldest_unsent(tx)
        audit_looks.unknown_alarms(tx)

    await store.run(ask)
    return steps


ONE_ROW = {"alive", "journal_tree"}  # tables of one row


async def test_no_question_reads_a_table_from_end_to_end(store: Store, kind: str) -> None:
    steps = await plans_of(store, kind)

    assert len(steps) > 30
    if kind == "sqlite":
        scans = [step for step in steps if step.startswith("SCAN") and "INDEX" not in step]
        known = ("SCAN alive", "SCAN anon_", "SCAN (", "SCAN journal_waiting")
        assert [step for step in scans if not step.startswith(known)] == []
    else:
        scans = [step for step in steps if "Seq Scan" in step]
        assert [step for step in scans if not any(f" on {table} " in step for table in ONE_ROW)] == []


@pytest.mark.parametrize("index", ["watch_wakes", "incident_wakes", "inbox_waiting", "delivery_leases", "attempt_"])
async def test_the_index_is_the_one_that_was_made_for_it(store: Store, kind: str, index: str) -> None:
    assert any(index in step for step in await plans_of(store, kind))
