"""Backups from the command line: what is refused, and what goes after a week."""

from datetime import timedelta
from pathlib import Path

import pyrage
import pytest

from engine.clock import SystemClock
from tests.front.conftest import Prompt
from tocsin.backups import INSTANT

PEOPLE = [pyrage.x25519.Identity.generate() for _ in range(2)]
TO = " ".join(str(one.to_public()) for one in PEOPLE)


@pytest.fixture
def kept(prompt: Prompt) -> Prompt:
    """An instance with Ana in it, whose backups are sealed for two."""
    prompt.environ["TOCSIN_BACKUP_RECIPIENTS"] = TO
    prompt.done("defender", "add", "Ana")
    return prompt


def identity(tmp_path: Path, person: pyrage.x25519.Identity) -> str:
    """The file of a private key, as age-keygen writes it."""
    path = tmp_path / "identity.txt"
    path.write_text(f"# public key: {person.to_public()}\n{person}\n", encoding="utf-8")
    return str(path)


def test_data_keys_go_after_a_week_and_the_rest_stays(kept: Prompt, tmp_path: Path) -> None:
    now, folder = SystemClock().now(), tmp_path / "backups"
    folder.mkdir()
    for days in (6, 8):
        for part in ("main", "keys"):
            (folder / f"tocsin-{now - timedelta(days=days):{INSTANT}}-{part}.age").touch()
    (folder / "tocsin-of-somebody-keys.age").touch()

    written = kept.read("backup", str(folder))

    assert [Path(path).name for path in written["deleted"]] == [f"tocsin-{now - timedelta(days=8):{INSTANT}}-keys.age"]
    assert len(list(folder.glob("*-main.age"))) == 3
    assert len(list(folder.glob("*-keys.age"))) == 3


def test_nobody_is_named_and_no_backup_is_written(prompt: Prompt, tmp_path: Path) -> None:
    assert "TOCSIN_BACKUP_RECIPIENTS" in prompt.refused("backup", str(tmp_path / "backups"))
    assert not (tmp_path / "backups").exists()


def test_what_cannot_be_restored_is_refused_with_a_sentence_each(kept: Prompt, tmp_path: Path) -> None:
    written = kept.read("backup", str(tmp_path / "backups"))
    main, keys = Path(written["main"]), Path(written["keys"])
    own, stranger = identity(tmp_path, PEOPLE[0]), pyrage.x25519.Identity.generate()
    altered, cake = tmp_path / "altered.age", tmp_path / "cake.age"
    altered.write_bytes(main.read_bytes()[:-1] + bytes([main.read_bytes()[-1] ^ 1]))
    cake.write_bytes(pyrage.encrypt(b"two eggs, some flour", [PEOPLE[0].to_public()]))
    (tmp_path / "empty.txt").write_text("# nothing\n", encoding="utf-8")

    def refused(main: Path, keys: Path, identity: str) -> str:
        said = kept.refused("restore", str(main), str(keys), "--identity", identity, "--rehearse")
        assert said.count("\n") == 1
        return said

    assert "was altered" in refused(altered, keys, own)
    assert "is no backup of Tocsin" in refused(cake, keys, own)
    assert "in the other order" in refused(keys, main, own)
    assert "cannot be read" in refused(tmp_path / "nowhere.age", keys, own)
    assert "no private key" in refused(main, keys, str(tmp_path / "empty.txt"))
    assert "None of these private keys" in refused(main, keys, identity(tmp_path, stranger))
    assert not list(kept.data.glob(".copy-*"))


def test_a_backup_of_another_instance_is_not_taken_for_ours(kept: Prompt, tmp_path: Path) -> None:
    written = kept.read("backup", str(tmp_path / "backups"))
    other = Prompt(tmp_path / "other", {"TOCSIN_DATA": str(tmp_path / "other")})
    other.done("init")

    said = other.refused(
        "restore", written["main"], written["keys"], "--identity", identity(tmp_path, PEOPLE[1]), "--rehearse"
    )

    assert "belongs to other keys" in said


def test_a_rehearsal_leaves_nothing_behind(kept: Prompt, tmp_path: Path) -> None:
    written = kept.read("backup", str(tmp_path / "backups"))
    before = {path.name: path.stat().st_mtime_ns for path in kept.data.rglob("*") if path.suffix in (".sqlite", ".key")}

    found = kept.read(
        "restore", written["main"], written["keys"], "--identity", identity(tmp_path, PEOPLE[1]), "--rehearse"
    )

    assert found["defenders"] == 1
    assert before == {
        path.name: path.stat().st_mtime_ns for path in kept.data.rglob("*") if path.suffix in (".sqlite", ".key")
    }
