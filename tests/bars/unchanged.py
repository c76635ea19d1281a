"""Everything that a decision could have changed, so that a test can say that nothing has.

Every table is looked at unless it is named here, with a reason: a new one is held to it without being listed."""

from dataclasses import replace

from sqlalchemy import Column, Table, func, select

from escalation.people import DefenderId, ResponderId
from store import journal, people
from store.database import Tx
from store.tables import METADATA
from store.tables.calling import ATTACHMENT
from store.tables.messages import DELIVERY
from tests.world import World

MOVES_BY_ITSELF = {  # tables, or columns of them, that no state is kept in, and why
    "alive": "the time at which we were last at work",
    "listening": "when each bot was last answered",
    "worker": "when each process was last seen",
    "inbox": "what came, before anybody has decided",
    "attachment": "what was readable, kept for a call to come; that it is part of none is looked at apart",
    "chat_message": "what stands in a chat, to be deleted there; whose it is changes nothing",
    "delivery": "the answers; whom they go to, and that none is a call, is looked at apart",
    "attempt": "how each answer was sent",
    "press": "the buttons under an answer",
    "journal": "what was noted; which notes there are is looked at apart",
    "journal_waiting": "what of that is not in the tree yet",
    "journal_leaf": "what of it is",
    "journal_tree": "how large that is",
    "journal_checkpoint": "signed once an hour",
    "address.last_ok_at": "when an answer last arrived there",
}
IS_OF_A_CALL = DELIVERY.c.incident.is_not(None) | DELIVERY.c.tier.is_not(None)
NOTED_OF_WHAT_COMES = {"update_set_aside"}


def state_of(world: World, tx: Tx) -> dict[str, object]:
    """Everything that a decision could have changed: every row of every table but those that move by themselves. What
    somebody is in the middle of saying is none, and lies in the card of a person."""
    ana, bo = people.defender(tx, DefenderId(world.ids["Ana"])), people.responder(tx, ResponderId(world.ids["Bo"]))
    assert ana is not None
    assert bo is not None
    found: dict[str, object] = {
        table.name: sorted(map(repr, tx.connection.execute(select(*still_columns(table))).all()))
        for table in METADATA.sorted_tables
        if table.name not in MOVES_BY_ITSELF
    }
    found["people"] = [replace(one, dialogue_state=None, dialogue_data={}) for one in (ana, bo)]
    found["calls"] = tx.connection.execute(select(DELIVERY.c.id).where(DELIVERY.c.alarm | IS_OF_A_CALL)).all()
    found["of calls"] = tx.connection.execute(select(ATTACHMENT.c.id).where(ATTACHMENT.c.incident.is_not(None))).all()
    found["written to"] = set(tx.connection.scalars(select(DELIVERY.c.person).distinct())) - {ana.id, bo.id}
    found["noted"] = sorted({one.event for one in journal.newest(tx, 1_000_000)} - NOTED_OF_WHAT_COMES)
    return found


def rows_in(tx: Tx) -> dict[str, int]:
    """How many rows there are, of every table but those that only say that we are at work."""
    return {
        table.name: tx.connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in METADATA.sorted_tables
        if table.name not in ("alive", "listening", "worker")
    }


def still_columns(table: Table) -> list[Column[object]]:
    """What of a row does not change unless somebody decides."""
    drafts = {"defender": "card", "responder": "card"}.get(table.name)
    return [one for one in table.columns if one.name != drafts and f"{table.name}.{one.name}" not in MOVES_BY_ITSELF]
