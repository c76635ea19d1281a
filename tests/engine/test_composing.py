"""What waits to be said names nobody; names and what was sent along are read when a letter is composed."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from engine.composing import Batch
from engine.letter import Letter, Words
from engine.naming import name_of, with_names
from store import attachments, deliveries
from store.database import Store, Tx
from store.records import AttachmentRow
from tests.databases import KINDS, fresh_store
from tests.store.made import LANE, MINUTE, ana, call, call_for_help, responder


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    async with fresh_store(request.param, tmp_path) as opened:
        yield opened


async def test_a_name_is_filled_in_wherever_it_stands_and_nobody_is_a_question_mark(store: Store) -> None:
    def work(tx: Tx) -> dict[str, Words]:
        bo, defender = responder(tx, "Bo"), ana(tx)
        words: dict[str, Words] = {
            "by_name": name_of(bo),
            "all": [{"name": name_of(defender), "reference": "K7Q2"}, name_of(UUID(int=0))],
            "text": "as it is",
        }
        return with_names(tx, words)

    filled = await store.run(work)

    assert filled == {"by_name": "Bo", "all": [{"name": "Ana", "reference": "K7Q2"}, "?"], "text": "as it is"}


async def test_what_was_sent_along_is_read_when_it_is_passed_on(store: Store) -> None:
    def work(tx: Tx) -> Letter | None:
        bo, defender = responder(tx), ana(tx)
        opened = call_for_help(tx, defender, bo)
        sent = AttachmentRow(
            uuid4(), defender, opened.id, "photo", "the gate", 4.6, -74.0, False, "F1", "gate.jpg", tx.now
        )
        attachments.add(tx, sent)
        words: dict[str, Words] = {"attachment": str(sent.id)}
        deliveries.put(tx, call(tx, bo, opened.id, template="responder.attachment", words=words))
        (row,) = deliveries.lease(tx, LANE, tx.now, tx.now + MINUTE, 9)
        assert row.words == words
        return Batch(tx, [row]).letter(row)

    letter = await store.run(work)

    assert letter is not None
    told = {name: letter.words[name] for name in ("kind", "text", "latitude", "longitude", "file_id", "file_name")}
    assert list(told.values()) == ["photo", "the gate", 4.6, -74.0, "F1", "gate.jpg"]
