"""Bars G5, G7 and G8: the journal cannot be changed or cut without its being noticed, others can check it without us,
and it goes on when somebody is erased."""

import asyncio
import io
import json
import random
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import AsyncIterator, Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, select, text, update

from store import checkpoints, journal
from store.database import Store, Tx
from store.notes import VerifierKey, signed
from store.sealing import begin_subject, erase_subject
from store.tables.journal import CHECKPOINT, JOURNAL, LEAF, TREE, WAITING
from store.verifying import verify
from tests.bars.conftest import Bar
from tests.bars.markers import found_in
from tests.databases import fresh_store
from tocsin.evidence.bundle import Bundle, make_bundle

VERIFIER = Path(__file__).resolve().parent.parent.parent / "tocsin" / "evidence" / "verify.py"
ANA, BO, INCIDENT = UUID(int=1), UUID(int=2), UUID(int=3)
LENGTH = 12  # entries of the journal that is tampered with

Tamper = Callable[[Tx, random.Random], None]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A store with an incident in its journal, and a checkpoint after every few entries."""
    async with fresh_store("sqlite", tmp_path) as opened:
        await opened.run(begin)
        for number in range(LENGTH):
            await opened.run(partial(one_more, number))
        yield opened


def begin(tx: Tx) -> None:
    """Ana and Bo have keys."""
    begin_subject(tx, ANA)
    begin_subject(tx, BO)


def say(marker: str, tx: Tx) -> None:
    """An entry about Ana."""
    journal.write(tx, "opened", defender=ANA, incident=INCIDENT, by=marker)


def one_more(number: int, tx: Tx) -> None:
    """Another entry, and now and then a checkpoint."""
    match number % 4:
        case 0:
            journal.write(tx, "opened", incident=INCIDENT, defender=ANA, kind="panic", by=f"panic:{number}")
        case 1:
            journal.write(tx, "took_it", incident=INCIDENT, defender=ANA, actor=BO, what={"by": str(BO)})
        case 2:
            journal.write(tx, "came_back", actor=BO)
        case _:
            journal.write(tx, "service_returned", away_seconds=number, overdue=0)
            checkpoints.place(tx)


def newest(tx: Tx) -> str:
    """The last checkpoint, as somebody outside has kept it."""
    kept = checkpoints.newest(tx)
    assert kept is not None
    return kept.note


# What somebody does who has the database, and every key of ours


def open_up(tx: Tx) -> None:
    """Take every guard of the database away."""
    tx.connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    names = tx.connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    for name in names:
        if name.startswith("journal"):
            tx.connection.execute(text(f"DROP TRIGGER {name}"))


def ids(tx: Tx) -> list[int]:
    """The numbers of the entries, in their order."""
    return list(tx.connection.execute(select(JOURNAL.c.id).order_by(JOURNAL.c.id)).scalars())


def change(tx: Tx, luck: random.Random, number: int) -> None:
    """Change something of one entry."""
    row = tx.connection.execute(select(JOURNAL).where(JOURNAL.c.id == number)).one()
    something: dict[str, Any] = luck.choice(
        [
            {"at": row.at.replace(minute=(row.at.minute + luck.randint(1, 59)) % 60)},
            {"code": "watch"},
            {"incident": uuid4()},
            {"defender": uuid4()},
            {"actor": uuid4()},
            {"commitment": luck.randbytes(32)},
            {"sealed": flipped(row.sealed, luck)} if row.sealed else {"plain": row.plain + " "},
        ]
    )
    tx.connection.execute(update(JOURNAL).where(JOURNAL.c.id == number).values(**something))


def flipped(content: bytes, luck: random.Random) -> bytes:
    """The same bytes but for one bit."""
    at = luck.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << luck.randrange(8)]) + content[at + 1 :]


def chain_again(tx: Tx) -> None:
    """Build the whole tree anew over what now stands in the journal, and sign every checkpoint anew."""
    sizes = [one.size for one in checkpoints.kept(tx)]
    for table in (LEAF, CHECKPOINT, WAITING):
        tx.connection.execute(delete(table))
    tx.connection.execute(update(TREE).values(size=0, peaks=b""))
    done = 0
    for size in [size for size in sizes if size < len(ids(tx))] + [len(ids(tx))]:
        for number in ids(tx)[done:size]:
            tx.connection.execute(insert(WAITING), {"entry": number, "of_incident": False})
        checkpoints.place(tx)
        done = size


def edit(tx: Tx, luck: random.Random) -> None:
    """An entry says something else."""
    change(tx, luck, luck.choice(ids(tx)))


def remove(tx: Tx, luck: random.Random) -> None:
    """An entry is gone."""
    tx.connection.execute(delete(JOURNAL).where(JOURNAL.c.id == luck.choice(ids(tx))))


def forge(tx: Tx, luck: random.Random) -> None:
    """An entry that was never written stands in the midst of the others."""
    at = luck.randrange(LENGTH)
    row = tx.connection.execute(select(JOURNAL).where(JOURNAL.c.id == luck.choice(ids(tx)))).one()
    new = max(ids(tx)) + 1
    tx.connection.execute(insert(JOURNAL), {**row._asdict(), "id": new, "actor": uuid4()})
    for seq in range(LENGTH - 1, at - 1, -1):
        tx.connection.execute(update(LEAF).where(LEAF.c.seq == seq).values(seq=seq + 1))
    tx.connection.execute(insert(LEAF), {"seq": at, "entry": new, "hash": luck.randbytes(32)})


def swap(tx: Tx, luck: random.Random) -> None:
    """Two entries stand at each other's places."""
    one, other = luck.sample(range(LENGTH), 2)
    moves = ((one, -1), (other, one), (-1, other))
    for before, after in moves:
        tx.connection.execute(update(LEAF).where(LEAF.c.seq == before).values(seq=after))


def cut(tx: Tx, luck: random.Random) -> None:
    """The last entries are gone, and with them whatever tells of them."""
    left = luck.choice([one.size for one in checkpoints.kept(tx)][:-1])
    gone = ids(tx)[left:]
    tx.connection.execute(delete(LEAF).where(LEAF.c.seq >= left))
    tx.connection.execute(delete(JOURNAL).where(JOURNAL.c.id.in_(gone)))
    chain_again(tx)


def edit_and_chain(tx: Tx, luck: random.Random) -> None:
    """An entry says something else, and everything is made to fit."""
    edit(tx, luck)
    chain_again(tx)


def remove_and_chain(tx: Tx, luck: random.Random) -> None:
    """An entry is gone, and everything is made to fit."""
    remove(tx, luck)
    chain_again(tx)


def rewrite(tx: Tx, luck: random.Random) -> None:
    """Another past altogether, of the same length."""
    tx.connection.execute(delete(JOURNAL))
    for number in luck.sample(range(LENGTH), LENGTH):
        one_more(number, tx)
    chain_again(tx)


def reorder(tx: Tx, luck: random.Random) -> None:
    """The same entries in another order, and everything is made to fit."""
    rows = [row._asdict() for row in tx.connection.execute(select(JOURNAL).order_by(JOURNAL.c.id))]
    shuffled = rows[:]
    while shuffled == rows:
        luck.shuffle(shuffled)
    tx.connection.execute(delete(JOURNAL))
    for number, row in zip(ids_of(rows), shuffled, strict=True):
        tx.connection.execute(insert(JOURNAL), {**row, "id": number})
    chain_again(tx)


def ids_of(rows: list[dict[str, Any]]) -> list[int]:
    """The numbers of these rows."""
    return [row["id"] for row in rows]


TAMPERINGS: dict[str, Tamper] = {
    "edit": edit,
    "delete": remove,
    "insert": forge,
    "swap": swap,
    "truncate": cut,
    "edit and rechain": edit_and_chain,
    "delete and rechain": remove_and_chain,
    "rewrite": rewrite,
    "reorder": reorder,
}
LEAVES_TRACES = ("edit", "delete", "insert", "swap")  # what is seen without anything from outside


class Undo(Exception):
    """Everything that a transaction did is undone."""


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_g5_no_tampering_gets_past_a_checkpoint_that_somebody_holds(store: Store, bar: Bar, name: str) -> None:
    tries, luck = bar.size(20, 1000), random.Random(name)
    held = await store.read(newest)
    detected, unanchored = 0, 0

    def once(tx: Tx) -> None:
        nonlocal detected, unanchored
        open_up(tx)
        TAMPERINGS[name](tx, luck)
        against, alone = verify(tx, [held]), verify(tx)
        detected += bool(against.faults)
        unanchored += alone.anchored == 0 and alone.unanchored and (bool(alone.faults) or name not in LEAVES_TRACES)
        raise Undo

    for _ in range(tries):
        with pytest.raises(Undo):
            await store.run(once)

    assert (detected, unanchored) == (tries, tries)
    assert (await store.read(lambda tx: verify(tx, [held]))).faults == ()
    bar.holds(
        "Nine ways of changing the journal, with every key of ours, against a checkpoint held elsewhere: all detected;"
        " without one it says “unanchored after 0”",
        f"{detected} of {tries} detected",
    )


# What somebody does who has a bundle

CLEAN = f"""
import sys
sys.path.append({sysconfig.get_paths()["purelib"]!r})
def forbid(event, args):
    if event.startswith("socket.") or event == "subprocess.Popen":
        raise RuntimeError("no network")
sys.addaudithook(forbid)
import runpy
verify = runpy.run_path(sys.argv[1])["verify"]
for line in sys.stdin:
    path, key, held = line.rstrip("\\n").split("|")
    try:
        list(verify(path, key or None, [open(held, encoding="utf-8").read()] if held else []))
        print("VERIFIED")
    except Exception as fault:
        print(f"NOT {{type(fault).__name__}} {{fault}}")
names = {{name.split(".")[0] for name in sys.modules}} - set(sys.stdlib_module_names)
print(sorted(names - {{"__main__", "cryptography", "cffi", "_cffi_backend", "_openssl"}}))
"""


async def verdicts(asked: list[tuple[Path, str, Path | None]]) -> list[str]:
    """What the verifier says of each bundle, in a process that has `cryptography` and nothing of ours."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", "-c", CLEAN, str(VERIFIER),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    lines = "".join(f"{path}|{key}|{held or ''}\n" for path, key, held in asked)
    said, trouble = await process.communicate(lines.encode())
    assert process.returncode == 0, trouble.decode()
    *told, others = said.decode().splitlines()
    assert json.loads(others.replace("'", '"')) == []
    return told


async def a_bundle(store: Store, held: str) -> tuple[Bundle, str]:
    """A bundle of the incident with its contents, and the key of the log."""

    def made(tx: Tx) -> tuple[Bundle | None, str]:
        return make_bundle(tx, INCIDENT, [held], with_contents=True), str(checkpoints.key(tx))

    bundle, key = await store.read(made)
    assert bundle is not None
    return bundle, key


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a bundle."""
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def packed(files: dict[str, bytes], to: Path) -> Path:
    """A bundle of these files."""
    with zipfile.ZipFile(to, "w") as bundle:
        for name, content in files.items():
            bundle.writestr(name, content)
    return to


def mutated(files: dict[str, bytes], luck: random.Random, key: str) -> tuple[str, dict[str, bytes]]:
    """A bundle in which something is not as it was, and what."""
    name = luck.choice(sorted(files))
    content = files[name]
    at = luck.randrange(len(content))
    how = luck.choice(["bit", "cut", "insert", "shorten", "drop", "add", "leaf", "proof", "content", "older", "forged"])
    match how:
        case "bit":
            return how, {**files, name: flipped(content, luck)}
        case "cut":
            return how, {**files, name: content[:at] + content[at + 1 :]}
        case "insert":
            return how, {**files, name: content[:at] + luck.randbytes(1) + content[at:]}
        case "shorten":
            return how, {**files, name: content[:at]}
        case "drop":
            return how, {other: one for other, one in files.items() if other != name}
        case "add":
            return how, {**files, f"more-{at}.txt": content}
        case _:
            return how, told_otherwise(files, how, luck, key)


def told_otherwise(files: dict[str, bytes], how: str, luck: random.Random, key: str) -> dict[str, bytes]:
    """A bundle that tells something else, with a manifest that fits it."""
    told = json.loads(files["bundle.json"])
    one, other = luck.sample(told["entries"], 2)
    match how:
        case "leaf":
            one["leaf"] = one["leaf"].replace('"v":1', f'"v":{luck.randint(2, 99)}')
        case "proof":
            one["proof"], other["proof"] = other["proof"], one["proof"]
        case "content":
            one["content"] = one["content"].replace("}", f',"more":{luck.randint(1, 99)}}}', 1)
        case "older":
            told["checkpoint"] = luck.choice(told["checkpoints"])["note"]
        case _:
            one["leaf"] = one["leaf"].replace('"v":1', '"v":2')
    changed = {**files, "bundle.json": json.dumps(told).encode()}
    return as_if_it_were_ours(changed, key, with_own_key=how == "forged")


def as_if_it_were_ours(files: dict[str, bytes], key: str, *, with_own_key: bool) -> dict[str, bytes]:
    """The bundle with a manifest that fits it: under the old signature, or signed by the forger in our name."""
    others = {name: one for name, one in files.items() if name != "manifest.txt"}
    head = files["manifest.txt"].decode().split("\n")[:2]
    lines = [f"{sha256(one).hexdigest()}  {name}" for name, one in sorted(others.items())]
    body = "\n".join([*head, *lines]) + "\n"
    below = files["manifest.txt"].decode().rpartition("\n\n")[2]
    if with_own_key:
        forger = Ed25519PrivateKey.generate()
        own = VerifierKey(key.split("+")[0], forger.public_key().public_bytes_raw())
        others["keys.txt"] = f"{own}\n".encode()
        return {**others, "manifest.txt": signed(body, own, forger.sign).encode()}
    return {**others, "manifest.txt": f"{body}\n{below}".encode()}


async def test_g7_others_verify_a_bundle_without_us_and_no_changed_one(store: Store, tmp_path: Path, bar: Bar) -> None:
    tries, luck = bar.size(60, 1000), random.Random(7)
    held = tmp_path / "held.txt"
    held.write_text(await store.read(newest), encoding="utf-8")
    for number in (0, 3):
        await store.run(partial(one_more, number))
    bundle, key = await a_bundle(store, held.read_text(encoding="utf-8"))
    good, files = tmp_path / "good.zip", unpacked(bundle.content)
    good.write_bytes(bundle.content)
    asked: list[tuple[Path, str, Path | None]] = [(good, key, held), (good, "", None)]
    ways = []
    for number in range(tries):
        how, changed = mutated(files, luck, key)
        ways.append(how)
        asked.append((packed(changed, tmp_path / f"{number}.zip"), key, held))

    begun = time.monotonic()
    await verdicts(asked[:1])
    seconds = time.monotonic() - begun
    told = await verdicts(asked)

    assert told[:2] == ["VERIFIED", "VERIFIED"]
    assert [way for way, said in zip(ways, told[2:], strict=True) if not said.startswith("NOT ")] == []
    assert [said for said in told[2:] if "no network" in said] == []
    assert seconds <= 10
    bar.holds(
        "The stand-alone verifier, in a process with cryptography alone and no network: verifies a bundle in 10 s,"
        " rejects 100 % of 1,000 changed ones",
        f"{bundle.entries} entries in {seconds:.1f} s; {tries} of {tries} rejected",
    )


def on_disk(folder: Path) -> bytes:
    """Every byte of every file."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


async def test_g8_the_journal_goes_on_when_somebody_is_erased(tmp_path: Path, bar: Bar) -> None:
    markers = [f"marker{uuid4().hex[:12]}" for _ in range(bar.size(40, 400))]
    async with fresh_store("sqlite", tmp_path) as store:
        await store.run(begin)
        for marker in markers:
            await store.run(partial(say, marker))
        await store.run(lambda tx: journal.write(tx, "came_back", actor=BO, by="Bo"))
        while await store.run(checkpoints.place):
            pass
        held = await store.read(newest)
        before, _ = await a_bundle(store, held)

        erased = await store.run(lambda tx: erase_subject(tx, ANA))
        await store.run(lambda tx: journal.write(tx, "erased", defender=ANA, key_sha256=erased.hex()))
        await store.run(checkpoints.place)
        verdict = await store.read(lambda tx: verify(tx, [held]))
        after, _ = await a_bundle(store, held)
        entries = await store.read(lambda tx: journal.newest(tx, 10_000))
        await store.forget_deleted()
        kept = on_disk(tmp_path)

    assert found_in(b"".join(unpacked(before.content).values()), markers) == markers
    assert (verdict.faults, verdict.anchored, verdict.opened) == ((), len(markers) + 1, 2)
    read = json.dumps([[entry.event, entry.detail] for entry in entries])
    assert found_in(read.encode() + b"".join(unpacked(after.content).values()) + kept, markers) == []
    assert [entry.detail for entry in entries[:2]] == [{"key_sha256": erased.hex()}, {"by": "Bo"}]
    bar.holds(
        "Somebody is erased: the journal still verifies, and nothing of theirs can be read, with all keys there are",
        f"0 of {len(markers)} markers",
    )
