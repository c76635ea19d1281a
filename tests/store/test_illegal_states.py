"""States that must not be are refused by the database itself, whoever writes them."""

from uuid import UUID

import pytest
from sqlalchemy import CheckConstraint, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from escalation.ladder import Pace
from escalation.people import WatchId
from escalation.routine import Daily
from escalation.watch import begin
from store import (
    attachments,
    bots,
    chat_messages,
    checkpoints,
    deliveries,
    inbox,
    invitations,
    journal,
    runbook,
    spoken_checks,
    watches,
)
from store.database import Store, Tx
from store.records import AttachmentRow
from store.tables import METADATA
from tests.databases import START
from tests.store.made import LANE, MINUTE, ana, call, call_for_help, responder

INSTANT = "'2026-03-02 08:00:00.000000'"
PERSON = f"'{'a' * 32}'"
ENTRY = (
    "INSERT INTO journal (at, cell, code, subject, commitment, sealed, plain)"
    f" VALUES ({INSTANT}, {PERSON},"
)  # fmt: skip


def scene(tx: Tx) -> None:
    """Ana has called for help; Bo is called; Cleo stands by."""
    defender, bo, cleo = ana(tx), responder(tx, "Bo"), responder(tx, "Cleo")
    incident = call_for_help(tx, defender, bo).id
    watches.save(tx, begin(WatchId(UUID(int=5)), defender, Daily((START.time(),), "UTC"), Pace((), MINUTE), tx.now))
    deliveries.put(tx, call(tx, bo, incident))
    deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, 1)
    deliveries.put(tx, call(tx, cleo, incident))
    inbox.keep(tx, "defenders", 1, "chat", b"{}", urgent=False)
    invitations.new(tx, "responder", cleo, "hash", tx.now + MINUTE)
    runbook.tick(tx, incident, "ring", bo)
    attachments.add(tx, AttachmentRow(UUID(int=6), defender, None, "text", "", None, None, False, None, None, tx.now))
    chat_messages.note(tx, defender, "chat", 1, tx.now)
    spoken_checks.begin(tx, "responder", cleo, "invitation", "chat")
    bots.begin(tx, "defender", [1, 2])
    journal.write(tx, "opened", incident=incident)
    checkpoints.place(tx)


REFUSED = {  # statement: the rule that refuses it
    # a watch that is not at rest and would never wake; one at rest that would
    "UPDATE watch SET wakes_at = NULL": "watch_only_rest_sleeps",
    "UPDATE watch SET phase = 'resting', due_at = NULL": "watch_only_rest_sleeps",
    "UPDATE watch SET due_at = NULL": "watch_due",
    "UPDATE watch SET phase = 'asleep', due_at = NULL": "watch_phase",
    # an open incident for which nothing is ever due; a closed one that goes on
    "UPDATE incident SET wakes_at = NULL": "incident_only_closed_sleeps",
    f"UPDATE incident SET phase = 'closed', closed_at = {INSTANT}": "incident_only_closed_sleeps",
    f"UPDATE incident SET closed_at = {INSTANT}": "incident_closed_at",
    "UPDATE incident SET phase = 'closed', wakes_at = NULL": "incident_closed_at",
    # held by nobody, or for ever; held while it calls
    "UPDATE incident SET phase = 'held'": "incident_held_by",
    f"UPDATE incident SET phase = 'held', holder = {PERSON}": "incident_held_until",
    f"UPDATE incident SET phase = 'held', held_until = {INSTANT}": "incident_held_by",
    f"UPDATE incident SET holder = {PERSON}, held_until = {INSTANT}": "incident_held_by",
    "UPDATE incident SET phase = 'forgotten'": "incident_phase",
    "UPDATE incident SET defender = (SELECT id FROM responder LIMIT 1)": "foreign key constraint",
    # a message on its way that belongs to nobody, and one at rest that does
    "UPDATE delivery SET lease_until = NULL WHERE state = 'sending'": "delivery_leased",
    f"UPDATE delivery SET lease_until = {INSTANT} WHERE state = 'pending'": "delivery_leased",
    # one that left without a try
    f"UPDATE delivery SET state = 'sending', lease_until = {INSTANT} WHERE attempt = 0": "delivery_sending_is_a_try",
    "UPDATE delivery SET state = 'accepted' WHERE state = 'pending'": "delivery_sending_is_a_try",
    "UPDATE delivery SET state = 'lost' WHERE state = 'pending'": "delivery_state",
    f"UPDATE delivery SET expires_at = {INSTANT}": "delivery_alarm_never_expires",
    "UPDATE delivery SET operation = 'edit'": "delivery_names_message",
    "UPDATE delivery SET operation = 'shout', message = '1'": "delivery_operation",
    "UPDATE delivery SET incident = NULL": "delivery_call_has_incident",
    "UPDATE delivery SET side = 'defender'": "foreign key constraint",
    "UPDATE delivery SET address_id = 999": "foreign key constraint",
    "UPDATE delivery SET dedupe = 'the same'": "unique constraint",
    "UPDATE delivery SET person = (SELECT person FROM delivery WHERE state = 'sending')": "unique constraint",
    # an attempt that ended without an outcome, or has one before it ended; a second one of the same number
    f"UPDATE attempt SET finished_at = {INSTANT}": "attempt_finished",
    "UPDATE attempt SET outcome = 'accepted'": "attempt_finished",
    f"UPDATE attempt SET outcome = 'fine', finished_at = {INSTANT}": "attempt_outcome",
    f"INSERT INTO attempt (delivery, n, started_at) SELECT delivery, n, {INSTANT} FROM attempt": "unique constraint",
    # input that nobody handles and nobody sets aside
    "UPDATE inbox SET state = 'done', raw = NULL": "inbox_settled",
    f"UPDATE inbox SET state = 'done', settled_at = {INSTANT}": "inbox_raw",
    "UPDATE inbox SET raw = NULL": "inbox_raw",
    f"UPDATE inbox SET settled_at = {INSTANT}": "inbox_settled",
    f"UPDATE inbox SET state = 'aside', settled_at = {INSTANT}": "inbox_aside_why",
    "UPDATE inbox SET chat = NULL": "inbox_whose",
    f"UPDATE inbox SET state = 'gone', settled_at = {INSTANT}": "inbox_state",
    # people without a side, active ones who never agreed, addresses of two people
    "UPDATE person SET side = 'both'": "person_side",
    "UPDATE bot SET side = 'both'": "bot_side",
    "UPDATE bot SET is_first = true": "unique constraint",
    "UPDATE person SET side = 'defender'": "foreign key constraint",
    "UPDATE defender SET consented_at = NULL": "defender_active_agreed",
    "UPDATE defender SET state = 'removed'": "defender_state",
    "UPDATE responder SET consented_at = NULL": "responder_active_agreed",
    "UPDATE responder SET role = 'king'": "responder_role",
    "UPDATE responder SET state = 'left'": "responder_state",
    "UPDATE address SET blind = 'the same'": "unique constraint",
    "UPDATE address SET blind = NULL": "address_is_found",
    "UPDATE address SET address = NULL, blind = NULL": "address_forgotten_is_disabled",
    f"UPDATE address SET disabled_at = {INSTANT}": "address_disabled_why",
    "UPDATE address SET disabled_why = 'blocked'": "address_disabled_why",
    "UPDATE invitation SET side = 'defender'": "foreign key constraint",
    # a line ticked twice, a second pulse
    "INSERT INTO tick SELECT * FROM tick": "unique constraint",
    f"INSERT INTO alive (id, at) VALUES (2, {INSTANT})": "alive_is_one_row",
    # a message in a chat of which nobody knows what to do; one that stands there, and which one it is was forgotten
    "UPDATE chat_message SET state = 'lost', content = NULL": "chat_message_state",
    "UPDATE chat_message SET content = NULL": "chat_message_standing_is_known",
    # a spoken check of fewer words than four
    "UPDATE spoken_check SET numbers = '0000'": "spoken_check_numbers",
    # a past that was different
    "UPDATE journal SET code = 'ended'": "append-only",
    "UPDATE journal SET code = code": "append-only",
    "DELETE FROM journal": "append-only",
    "UPDATE journal_leaf SET seq = seq + 1": "append-only",
    "DELETE FROM journal_leaf": "append-only",
    "UPDATE journal_checkpoint SET note = ''": "append-only",
    "DELETE FROM journal_checkpoint": "append-only",
    # an entry of no kind, or without a content, or with one that nobody's key opens; a second tree
    f"{ENTRY} 'rumour', NULL, '00', NULL, '')": "journal_code",
    f"{ENTRY} 'service', NULL, '00', NULL, NULL)": "journal_content",
    f"{ENTRY} 'service', NULL, '00', '00', NULL)": "journal_subject",
    "INSERT INTO journal_tree (id, size, peaks, handed_size) VALUES (2, 0, '', 0)": "journal_tree_one",
}


def test_every_check_is_put_to_the_test() -> None:
    checks = {
        str(rule.name)
        for table in METADATA.tables.values()
        for rule in table.constraints
        if type(rule) is CheckConstraint
    }

    assert checks - set(REFUSED.values()) == set()


async def test_every_illegal_state_is_refused(store: Store) -> None:
    await store.run(scene)

    def let_through(tx: Tx) -> list[tuple[str, str]]:
        told = {statement: why_not(tx, statement) for statement in REFUSED}
        return [(statement, said) for statement, said in told.items() if REFUSED[statement] not in said]

    assert await store.run(let_through) == []


def why_not(tx: Tx, statement: str) -> str:
    """What the database says to the statement; "" when it was let through, and then it is undone."""
    part = tx.connection.begin_nested()
    try:
        tx.connection.execute(text(statement))
    except DBAPIError as error:
        return str(error.orig).lower()
    finally:
        part.rollback()
    return ""


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_an_entry_of_the_journal_cannot_be_replaced(store: Store) -> None:
    await store.run(scene)

    with pytest.raises(IntegrityError, match="append-only"):
        await store.run(lambda tx: tx.connection.execute(text("INSERT OR REPLACE INTO journal SELECT * FROM journal")))


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["postgresql"])
async def test_the_journal_cannot_be_emptied_as_a_whole(store: Store) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        await store.run(lambda tx: tx.connection.execute(text("TRUNCATE journal CASCADE")))
