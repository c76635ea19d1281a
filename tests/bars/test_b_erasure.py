"""B1, B2 and B3: who was erased is gone, from the files that are used and from every backup that is put back."""

import asyncio
import json
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import select

from escalation.people import DefenderId, ResponderId
from store import addresses, attachments, deliveries, inbox, journal, people
from store.binding import bound
from store.copies import Copies, put_back, take
from store.database import Store, Tx
from store.keyring import Keyring, plainly
from store.records import AttachmentRow
from store.refusals import Erased, Locked, SealBroken
from store.rotation import KEPT_FOR, look_after, rotate
from store.sealing import erase_subject, opened
from store.tables.messages import INBOX
from store.tables.people import PERSON
from tests.bars.aftermath import Aftermath, cells_of
from tests.bars.conftest import Bar
from tests.bars.lived import Planted
from tests.bars.markers import found_in
from tests.databases import Hands
from tests.keys import KEYRING
from tests.store.made import call, call_for_help, responder

SOURCES = ("defenders", "defenders@1002")
SPELLINGS = ("utf-8", "utf-16-le", "utf-16-be")


def add(tx: Tx, name: str) -> UUID:
    """Somebody with a name of their own."""
    person = people.add_defender(tx, name, language="es", zone="America/Bogota", profile="high", chain="default")
    people.change_defender(tx, person, state="active", consented_at=tx.now)
    return person


def wrapped_keys(tx: Tx) -> dict[UUID, bytes]:
    """Every data key as it is kept."""
    with tx.vault.data_keys.changing(tx.connection) as own:
        everybody = list(tx.vault.data_keys.subjects(own))
    found = {subject: tx.vault.data_keys.find(tx.connection, subject) for subject in everybody}
    return {subject: wrapped for subject, wrapped in found.items() if wrapped is not None}


def files_in(folder: Path) -> list[Path]:
    """Every file of a folder."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def content(folder: Path) -> bytes:
    """Everything in every file of a folder."""
    return b"".join(path.read_bytes() for path in files_in(folder))


async def test_b1_the_key_of_who_was_erased_is_in_no_file_that_is_used(bar: Bar, tmp_path: Path) -> None:
    many = bar.size(20, 300)
    store = await Store.open(f"sqlite:///{tmp_path / 'tocsin.sqlite'}", Hands(), KEYRING)
    everybody = [await store.run(partial(add, name=f"marker {secrets.token_hex(6)}")) for _ in range(many)]
    wrapped = await store.run(wrapped_keys)
    before = content(tmp_path)
    erased = everybody[::2]

    for person in erased:
        await store.run(partial(people.erase_defender, person=person))
    in_use = content(tmp_path)
    await store.close()
    after = content(tmp_path)

    assert all(wrapped[person] in before for person in everybody)
    assert not any(wrapped[person] in in_use + after for person in erased)
    assert not any(wrapped[person][-32:] in in_use + after for person in erased)
    assert all(wrapped[person] in after for person in everybody if person not in erased)
    assert {path.suffix for path in files_in(tmp_path)} == {".sqlite"}
    bar.holds(
        "After an erasure the data key, as it was kept, is in no file in use",
        f"0 of {len(erased)} keys found, with the service open and closed",
    )


def live(tx: Tx, name: str, chat: str, bo: UUID) -> UUID:
    """Somebody with a name of their own, whom much befell in which that name stands: a call for help with what was sent
    along, what responders were told, and what came in and was not handled, or not to be read."""
    person = DefenderId(add(tx, name))
    addresses.add(tx, person, "defender", "telegram", chat, verified=True)
    incident = call_for_help(tx, person)
    deliveries.put(tx, call(tx, ResponderId(bo), incident.id, words={"text": f"{name} calls"}))
    sent = AttachmentRow(
        uuid4(), person, incident.id, "document", f"by {name}", 1.0, 2.0, live=False, file_id=name,
        file_name=f"{name}.pdf", at=tx.now,
    )  # fmt: skip
    attachments.add(tx, sent)
    journal.write(tx, "called", defender=person, actor=None, incident=incident.id, text=f"{name} called")
    whose, raw = addresses.blind(tx, "defender", "telegram", chat), json.dumps({"text": f"I am {name}"}).encode()
    for number, source in enumerate(SOURCES):
        inbox.keep(tx, source, int(chat) + number, whose, raw, urgent=bool(number))
        inbox.keep(tx, source, int(chat) + 10 + number, whose, raw, urgent=False)
    for row in inbox.waiting(tx, 1000, urgent=False):
        if row.update_id >= int(chat) + 10:
            inbox.set_aside(tx, row.id, "unreadable")
    inbox.keep_aside(tx, SOURCES[0], int(chat) + 20, raw, "no_sender")
    return person


async def what_opens(store: Store, folder: Path) -> bytes:
    """All that our own program can open of a database in a folder, in any cell of any table."""
    cells = await asyncio.to_thread(lambda: list(cells_of(Aftermath(folder, Planted(), [], [], 0))))
    received = select(INBOX.c.source, INBOX.c.update_id, INBOX.c.raw).where(INBOX.c.raw.is_not(None))

    def open_all(tx: Tx) -> list[bytes]:
        found = []
        for subject, cell, sealed in cells:
            with suppress(SealBroken, Erased, Locked):
                found.append(json.dumps(opened(tx, subject, cell, sealed)).encode())
        for row in tx.connection.execute(received):
            with suppress(SealBroken, Erased, Locked):
                found.append(tx.vault.open_raw(row.raw, bound("inbox", row.source, str(row.update_id))))
        return found

    return b"\n".join(await store.read(open_all))


async def test_b2_an_old_backup_gives_nothing_back_of_who_was_erased(bar: Bar, tmp_path: Path) -> None:
    rounds = bar.size(4, 24)
    url = f"sqlite:///{_folder(tmp_path, 'live') / 'tocsin.db'}"
    store = await Store.open(url, Hands(), KEYRING)
    bo = await store.run(responder)
    names: dict[UUID, str] = {}
    old: list[Copies] = []
    for n in range(rounds):
        name = f"Marker{secrets.token_hex(6)}"
        names[await store.run(partial(live, name=name, chat=str((n + 1) * 100), bo=bo))] = name
        old.append(await take(url, _folder(tmp_path, f"backup {n}")))
    erased = list(names)[::2]
    with_everything = found_in(await what_opens(store, tmp_path / "live"), names.values())
    for person in erased:
        await store.run(partial(people.erase_defender, person=person))
    current = await take(url, _folder(tmp_path, "now"))
    await store.close()

    seen, refused = 0, 0
    for n, older in enumerate(old):
        folder = _folder(tmp_path, f"again {n}")
        again = await put_back(replace(older, keys=current.keys), f"sqlite:///{folder / 'tocsin.db'}", Hands(), KEYRING)
        found = {one.id: one.name for one in await again.read(people.defenders)}
        rows = await again.read(lambda tx: {row.id for row in tx.connection.execute(PERSON.select())}) - {bo}
        opens = await what_opens(again, folder)
        await again.close()
        there = await asyncio.to_thread(content, folder)
        assert found == {who: name for who, name in list(names.items())[: n + 1] if who not in erased}
        assert {who for who in erased if who in rows} == set(list(names)[: n + 1]) & set(erased)
        assert found_in(opens, names.values()) == list(found.values())
        assert opens.count(b"I am") == 2 * len(found)  # what waits still, and nothing that was set aside
        assert not any(names[who].encode(spelling) in there for who in names for spelling in SPELLINGS)
        seen, refused = seen + len(found), refused + len(rows) - len(found)

    assert with_everything == list(names.values())
    assert seen
    assert refused
    bar.holds(
        "An old backup of the data with today's data keys gives nothing back of who was erased",
        f"{rounds} backups put back: {refused} rows of erased people opened never, {seen} of others did; nor did any"
        " call, file, journal entry, or message that waited or was set aside",
    )


async def test_b3_an_old_backup_of_the_data_keys_opens_nothing_once_the_key_of_its_time_is_destroyed(
    bar: Bar, tmp_path: Path
) -> None:
    rounds = bar.size(1, 6)
    clock = Hands()
    Keyring.fresh(clock()).save(tmp_path / "keys")
    url = f"sqlite:///{_folder(tmp_path, 'live') / 'tocsin.db'}"
    store = await Store.open(url, clock, Keyring.load(tmp_path / "keys"))
    bo = await store.run(responder)
    tried = 0
    for n in range(rounds):
        name = f"Marker{secrets.token_hex(6)}"
        person = await store.run(partial(live, name=name, chat=str((n + 1) * 100), bo=bo))
        old, folder = await take(url, _folder(tmp_path, f"backup {n}")), _folder(tmp_path, f"again {n}")
        early = await put_back(old, f"sqlite:///{folder / 'tocsin.db'}", clock, Keyring.load(tmp_path / "keys"))
        before = found_in(await what_opens(early, folder), [name])
        await early.close()

        await store.run(partial(people.erase_defender, person=person))
        await rotate(store, plainly)
        clock.shown += KEPT_FOR + timedelta(days=1)
        await look_after(store)
        late = _folder(tmp_path, f"late {n}")
        again = await put_back(old, f"sqlite:///{late / 'tocsin.db'}", clock, Keyring.load(tmp_path / "keys"))
        after = await what_opens(again, late)
        rows = await again.read(lambda tx: len([row for row in tx.connection.execute(INBOX.select()) if row.raw]))
        await again.close()

        assert before == [name]
        assert rows >= 2
        assert after == b""
        tried += rows
    await store.close()
    bar.holds(
        "A backup of the data keys from before the change of the key opens nothing once the old key is destroyed",
        f"{rounds} changes of the key: nothing opened, nor any of {tried} messages that had waited",
    )


def _folder(within: Path, name: str) -> Path:
    made = within / name
    made.mkdir()
    return made


async def test_b2_the_key_is_gone_even_where_its_rows_could_not_be_deleted(bar: Bar, tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'tocsin.sqlite'}", Hands(), KEYRING)
    person = await store.run(partial(add, name="Ana"))

    def dies(tx: Tx) -> None:
        erase_subject(tx, person)
        raise OSError

    for _ in range(bar.size(1, 1)):
        try:
            await store.run(dies)
        except OSError:
            pass
        else:
            raise AssertionError("the transaction should have failed")

    assert not await store.read(people.defenders)
    await store.close()
    bar.holds("", "a crash between key and rows leaves rows that nobody can open")
