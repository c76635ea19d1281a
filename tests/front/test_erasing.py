"""Who erases somebody is told what that leaves behind."""

from pathlib import Path

from store import chat_messages
from store.database import Tx
from tests.databases import fresh_store
from tests.store.made import ana
from tocsin.erasing import Certificate, erase_for_good


async def test_what_stands_in_their_chat_and_cannot_be_deleted_any_more_is_counted(tmp_path: Path) -> None:
    def work(tx: Tx) -> Certificate:
        person = ana(tx)
        for number in (1, 2):
            chat_messages.note(tx, person, "700000001", number, tx.now)
        return erase_for_good(tx, person)

    async with fresh_store("sqlite", tmp_path) as store:
        certificate = await store.run(work)

    assert certificate.in_chat == 2
