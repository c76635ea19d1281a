"""B6: the key-encryption key is changed under load: no read fails, and no data key stays under the old one."""

import asyncio
import time
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from store.database import Store, Tx
from store.keyring import Keyring, plainly
from store.records import Words
from store.rotation import rotate
from store.sealing import Cell, begin_subject, opened, seal
from tests.bars.conftest import Bar
from tests.databases import KINDS, START, Hands, fresh_database

LONGEST = 60.0  # seconds


def cell(subject: UUID) -> Cell:
    """Where a person's name would be."""
    return Cell("defender", "card", subject)


def begin(tx: Tx, subject: UUID) -> tuple[UUID, bytes]:
    """Somebody new, with one sealed field."""
    begin_subject(tx, subject)
    return subject, seal(tx, subject, cell(subject), {"name": str(subject)})


def begin_many(tx: Tx, many: int) -> dict[UUID, bytes]:
    return dict(begin(tx, uuid4()) for _ in range(many))


def opened_all(tx: Tx, sealed: dict[UUID, bytes]) -> dict[UUID, Words]:
    return {subject: opened(tx, subject, cell(subject), content) for subject, content in sealed.items()}


@pytest.mark.parametrize("kind", KINDS)
async def test_b6_a_key_is_changed_under_load_and_every_read_succeeds(bar: Bar, kind: str, tmp_path: Path) -> None:
    size = bar.size(300, 10_000)
    Keyring.fresh(START).save(tmp_path / "keys")
    async with fresh_database(kind, tmp_path) as url:
        service = await Store.open(url, Hands(), Keyring.load(tmp_path / "keys"))
        command = await Store.open(url, Hands(), Keyring.load(tmp_path / "keys"))
        people: dict[UUID, bytes] = {}
        while len(people) < size:
            people |= await service.run(partial(begin_many, many=min(500, size - len(people))))
        over, under_way, reads, begun = asyncio.Event(), asyncio.Event(), 0, 0

        async def read_on() -> None:
            nonlocal reads
            while not over.is_set():
                for subject, sealed in list(people.items()):
                    service.vault.forget()  # so that each read unwraps the data key
                    read = partial(opened, subject=subject, cell=cell(subject), sealed=sealed)
                    assert await service.read(read) == {"name": str(subject)}
                    reads += 1
                    under_way.set()
                    if over.is_set():
                        break

        async def add_on() -> None:
            nonlocal begun
            while not over.is_set():
                subject, sealed = await service.run(partial(begin, subject=uuid4()))
                people[subject] = sealed
                begun += 1

        load = [asyncio.create_task(work()) for work in (read_on, add_on)]
        await under_way.wait()
        began = time.monotonic()
        rotated = await rotate(command, plainly)
        took = time.monotonic() - began
        over.set()
        await asyncio.gather(*load)

        def on_old_epochs(tx: Tx) -> int:
            with tx.vault.data_keys.changing(tx.connection) as own:
                return tx.vault.data_keys.count_of_another(own, rotated.now)

        assert await service.run(on_old_epochs) == 0
        assert rotated.rewrapped >= size
        assert took < LONGEST
        for store in (service, command):
            await store.close()

        (tmp_path / "keys" / f"kek-{rotated.before}.key").unlink()
        again = await Store.open(url, Hands(), Keyring.load(tmp_path / "keys"))
        assert await again.read(partial(opened_all, sealed=people)) == {who: {"name": str(who)} for who in people}
        raw = again.vault.open_raw(again.vault.seal_raw(b"sos", b"chat"), b"chat")
        await again.close()

    assert raw == b"sos"
    bar.holds(
        "The key-encryption key changes under load: no read fails, no data key stays under the old one, within 60 s",
        f"{kind}: {rotated.rewrapped} data keys in {took:.1f} s beside {reads} reads and {begun} new people",
    )
