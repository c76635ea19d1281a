"""B4: the machine that writes backups cannot read them, and neither key nor keyring is in them."""

import asyncio
import io
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path

import pyrage
import pytest

from engine.clock import SystemClock
from escalation.people import Role
from store.database import Store
from store.keyring import Keyring
from tests.bars.conftest import Bar
from tests.databases import KINDS, fresh_database
from tests.front.conftest import Prompt
from tests.store.made import ana, call_for_help, responder


def opens(path: Path, identity: pyrage.x25519.Identity) -> bytes | None:
    """What somebody reads who has this private key."""
    plain = io.BytesIO()
    try:
        pyrage.decrypt_io(io.BytesIO(path.read_bytes()), plain, [identity])
    except pyrage.DecryptError:
        return None
    return plain.getvalue()


@pytest.mark.parametrize("kind", KINDS)
async def test_b4_a_machine_cannot_read_its_own_backups(
    bar: Bar, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [pyrage.x25519.Identity.generate() for _ in range(3)]
    to = [word for person in people[:2] for word in ("--to", str(person.to_public()))]
    backups, data = tmp_path / "backups", tmp_path / ".tocsin"
    monkeypatch.chdir(tmp_path)
    async with fresh_database(kind, tmp_path) as url:
        prompt = Prompt(data, {} if kind == "sqlite" else {"TOCSIN_DATABASE": url})

        def first() -> None:
            prompt.done("init")
            prompt.done("defender", "add", "Marker of the River")
            prompt.done("backup", str(backups), *to)
            alone = prompt.refused("backup", str(backups), "--to", str(people[0].to_public()))
            twice = prompt.refused("backup", str(backups), *to[:2], *to[:2])
            secret = prompt.refused("backup", str(backups), "--to", str(people[0]), *to[2:])
            assert "two people at least" in alone
            assert "two people at least" in twice
            assert str(people[0]) not in secret

        await asyncio.to_thread(first)
    files = sorted(backups.iterdir())
    keyring = Keyring.load(data / "keys")
    secrets = [value for file in keyring.files for value in file.fields.values()]

    assert [path.name.rsplit("-", 1)[1] for path in files] == ["keys.age", "main.age"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    here = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert b"AGE-SECRET-KEY-" not in here
    assert not list(data.glob(".copy-*"))
    for path in files:
        assert opens(path, people[2]) is None
        assert b"Marker of the River" not in path.read_bytes()
        read = [opens(path, person) for person in people[:2]]
        assert read[0] is not None
        assert read[0] == read[1]
        assert b"Marker of the River" not in read[0]
        for value in secrets:
            spelled = (value, value.hex().encode(), b64encode(value), urlsafe_b64encode(value))
            assert not any(one in read[0] for one in spelled)
    bar.holds(
        "A machine cannot read its own backups; two people at least can, and no key of ours is in them",
        f"{kind}: 2 files, {len(secrets)} secrets in 4 spellings looked for",
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_b5_a_backup_is_rehearsed_and_put_back_with_its_open_incidents(
    bar: Bar, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [pyrage.x25519.Identity.generate() for _ in range(2)]
    to = [word for person in people for word in ("--to", str(person.to_public()))]
    (tmp_path / "identity.txt").write_text(f"# created: today\n{people[1]}\n", encoding="utf-8")
    backups, data = tmp_path / "backups", tmp_path / ".tocsin"
    monkeypatch.chdir(tmp_path)
    async with fresh_database(kind, tmp_path) as url, fresh_database(kind, tmp_path / "other") as other:
        prompt = Prompt(data, {} if kind == "sqlite" else {"TOCSIN_DATABASE": url})

        def story() -> tuple[str, ...]:
            prompt.done("init")

            async def begin() -> None:
                store = await Store.open(
                    url if kind != "sqlite" else f"sqlite:///{data / 'tocsin.sqlite'}",
                    SystemClock().now,
                    Keyring.load(data / "keys"),
                )
                await store.run(lambda tx: call_for_help(tx, ana(tx), responder(tx, "Bo", Role.CONTACT)))
                await store.close()

            asyncio.run(begin())
            written = prompt.read("backup", str(backups), *to)
            words = ("restore", written["main"], written["keys"], "--identity", str(tmp_path / "identity.txt"))
            rehearsed = prompt.read(*words, "--rehearse")
            there = prompt.refused(*words)
            if kind == "sqlite":
                for path in data.glob("*.sqlite*"):
                    path.unlink()
            else:
                prompt.environ["TOCSIN_DATABASE"] = other
            swapped = prompt.refused(words[0], words[2], words[1], *words[3:])
            restored = prompt.read(*words)
            listed = prompt.read("incident", "list")
            named = prompt.read("defender", "list")
            prompt.done("defender", "add", "Cleo")
            assert rehearsed == restored
            assert "nothing in it was changed" in there
            assert "in the other order" in swapped
            assert [one["name"] for one in named] == ["Ana"]
            assert [one["defender"] for one in listed] == [named[0]["id"]]
            return tuple(f"{name} {value}" for name, value in restored.items() if isinstance(value, int))

        found = await asyncio.to_thread(story)

    assert found == ("defenders 1", "responders 1", "open_incidents 1")
    bar.holds("A backup is rehearsed and put back, and what is open goes on", f"{kind}: {', '.join(found)}")
