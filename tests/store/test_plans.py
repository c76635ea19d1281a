"""What is asked all day long is answered from an index, however much has been kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, event

from escalation.people import Role
from store import addresses, deliveries, inbox, incidents, people, watches
from store.database import Tx
from tests.databases import fresh_store
from tests.store.made import LANE, MINUTE

SOMEBODY = UUID(int=7)

ASKED_ALL_DAY: dict[str, tuple[Callable[[Tx], object], str]] = {  # the work, and the index that it must use
    "the next watch": (watches.next_wake, "watch_wakes"),
    "watches due": (lambda tx: watches.due(tx, tx.now, 100), "watch_wakes"),
    "a defender's watches": (lambda tx: watches.of_defender(tx, SOMEBODY), "watch_of_defender"),
    "the next incident": (incidents.next_wake, "incident_wakes"),
    "incidents due": (lambda tx: incidents.due(tx, tx.now, 100), "incident_wakes"),
    "open incidents": (lambda tx: incidents.open_of_defender(tx, SOMEBODY), "incident_open_of"),
    "incidents about one": (lambda tx: incidents.open_about(tx, SOMEBODY), "heard_by"),
    "calls for help": (lambda tx: inbox.waiting(tx, 9, urgent=True), "inbox_waiting"),
    "whose turn it is": (lambda tx: inbox.next_of_chats(tx, 9, urgent=True), "inbox_waiting"),
    "whose chat": (lambda tx: addresses.person_at(tx, "defender", "telegram", "1"), "address_is_one_persons"),
    "where to reach": (lambda tx: addresses.of_person(tx, SOMEBODY), "address_of_person"),
    "who is it": (lambda tx: people.defender(tx, SOMEBODY), "sqlite_autoindex_defender_1"),
    "who is on duty": (lambda tx: people.active_of_role(tx, Role.COORDINATOR), "responder_of_role"),
    "what leaves next": (lambda tx: deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, 9), "delivery_queue"),
    "when the next leaves": (lambda tx: deliveries.next_ready(tx, LANE), "delivery_queue"),
    "lost leases": (lambda tx: deliveries.expired_leases(tx, tx.now), "delivery_leases"),
    "what is taken back": (lambda tx: deliveries.cancel(tx, SOMEBODY), "delivery_of_incident"),
    "shown alarms": (lambda tx: deliveries.shown_alarms(tx, SOMEBODY), "delivery_of_incident"),
}


@pytest.mark.parametrize("question", ASKED_ALL_DAY)
async def test_it_is_answered_from_an_index(question: str, tmp_path: Path) -> None:
    work, index = ASKED_ALL_DAY[question]
    plan: list[str] = []

    def watch(connection: Connection, _: object, statement: str, parameters: Any, *rest: object) -> None:
        del rest
        cursor = connection.connection.cursor()
        plan.extend(step for *_, step in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())

    def ask(tx: Tx) -> None:
        event.listen(tx.connection, "before_cursor_execute", watch)
        work(tx)

    async with fresh_store("sqlite", tmp_path) as store:
        await store.run(ask)

    assert any(index in step for step in plan), plan
    assert not any(step.startswith("SCAN") and "INDEX" not in step for step in plan), plan
