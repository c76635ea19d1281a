"""The journal at the command line: checking it, and bundles for others."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text

from store import checkpoints
from store.database import Tx
from tests.front.conftest import Prompt

VERIFIER = Path(__file__).resolve().parent.parent.parent / "tocsin" / "evidence" / "verify.py"


@pytest.fixture
def called(team: Prompt) -> str:
    """The reference of an incident: a drill for Ana."""
    team.done("drill", "Ana", "--yes")
    return str(team.read("incident", "list")[0]["reference"])


def checkpoint_kept_by_others(prompt: Prompt, to: Path) -> Path:
    """The newest checkpoint, as somebody outside has kept it."""

    def newest(tx: Tx) -> str:
        checkpoints.place(tx)
        kept = checkpoints.newest(tx)
        assert kept is not None
        return kept.note

    to.write_text(prompt.transact(newest), encoding="utf-8")
    return to


def verified(*words: str) -> subprocess.CompletedProcess[str]:
    """What the verifier says, on its own."""
    return subprocess.run([sys.executable, "-I", str(VERIFIER), *words], capture_output=True, text=True, check=False)


def test_a_journal_is_unanchored_until_somebody_outside_vouches_for_it(
    team: Prompt, called: str, tmp_path: Path
) -> None:
    held = checkpoint_kept_by_others(team, tmp_path / "held.txt")

    alone = team.done("journal", "verify")
    vouched = team.done("journal", "verify", "--checkpoint", str(held))

    assert "Everything fits together." in alone
    assert "Unanchored after 0" in alone
    assert "nanchored" not in vouched


def test_a_checkpoint_may_stand_in_the_mail_in_which_it_came(team: Prompt, called: str, tmp_path: Path) -> None:
    held = checkpoint_kept_by_others(team, tmp_path / "held.txt")
    bundle, mail = tmp_path / "bundle.zip", tmp_path / "mail.txt"
    note = held.read_text(encoding="utf-8").strip().replace("\n", "\r\n")
    mail.write_text(
        f"Subject: Please keep\r\n\r\nA checkpoint of our journal.\r\n\r\n{note}", encoding="utf-8", newline=""
    )

    assert "nanchored" not in team.done("journal", "verify", "--checkpoint", str(mail))
    team.done("journal", "export", called, str(bundle), "--checkpoint", str(mail))
    assert "nanchored" not in verified(str(bundle), "--checkpoint", str(mail)).stdout


def test_a_file_without_a_checkpoint_is_refused(team: Prompt, called: str, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("nothing of the kind")

    assert "cannot be read" in team.refused("journal", "verify", "--checkpoint", str(tmp_path / "empty.txt"))


def test_what_was_found_can_be_read_by_programs(team: Prompt, called: str) -> None:
    found = team.read("journal", "verify")

    assert found["verified"] is True
    assert found["unanchored_after"] == 0
    assert found["verdict"]["faults"] == []


def test_a_journal_that_was_changed_is_refused(team: Prompt, called: str, tmp_path: Path) -> None:
    held = checkpoint_kept_by_others(team, tmp_path / "held.txt")

    def change(tx: Tx) -> None:
        tx.connection.execute(text("DROP TRIGGER journal_no_update"))
        tx.connection.execute(text("UPDATE journal SET code = 'ended' WHERE code = 'opened'"))

    team.transact(change)

    assert "was changed" in team.refused("journal", "verify")
    assert "that was given" in team.refused("journal", "verify", "--checkpoint", str(held))
    result = team.type("journal", "verify", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["verified"] is False


def test_a_bundle_of_an_incident_can_be_checked_without_us(team: Prompt, called: str, tmp_path: Path) -> None:
    held = checkpoint_kept_by_others(team, tmp_path / "held.txt")
    bundle = tmp_path / "bundle.zip"
    key = team.done("journal", "key").strip()

    team.done("journal", "export", called, str(bundle), "--with-contents", "--checkpoint", str(held))
    said = verified(str(bundle), "--key", key, "--checkpoint", str(held))

    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.startswith("VERIFIED.")
    assert "nanchored" not in said.stdout
    assert bundle.stat().st_mode & 0o077 == 0


def test_a_bundle_tells_nothing_of_what_happened_unless_it_is_asked_for(
    team: Prompt, called: str, tmp_path: Path
) -> None:
    plain, told = tmp_path / "plain.zip", tmp_path / "told.zip"

    team.done("journal", "export", called, str(plain))
    team.done("journal", "export", "--all", str(told), "--with-contents")

    with zipfile.ZipFile(plain) as bundle:
        assert {one["content"] for one in json.loads(bundle.read("bundle.json"))["entries"]} == {None}
    with zipfile.ZipFile(told) as bundle:
        assert '"kind":"drill"' in "".join(one["content"] for one in json.loads(bundle.read("bundle.json"))["entries"])
    assert verified(str(told)).returncode == 0


def test_that_a_bundle_was_made_is_in_the_journal(team: Prompt, called: str, tmp_path: Path) -> None:
    first = team.read("journal", "export", called, str(tmp_path / "first.zip"))
    team.done("journal", "export", "--all", str(tmp_path / "second.zip"), "--with-contents")

    with zipfile.ZipFile(tmp_path / "second.zip") as bundle:
        assert first["sha256"] in bundle.read("bundle.json").decode()


def test_nothing_is_written_over(team: Prompt, called: str, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_text("mine")

    assert "already" in team.refused("journal", "export", called, str(tmp_path / "there.zip"))
    assert (tmp_path / "there.zip").read_text() == "mine"


def test_a_checkpoint_of_another_journal_is_refused(team: Prompt, called: str, tmp_path: Path) -> None:
    held = checkpoint_kept_by_others(team, tmp_path / "held.txt")
    held.write_text(held.read_text(encoding="utf-8").replace("tocsin.journal/", "tocsin.other/"), encoding="utf-8")

    assert "cannot be used" in team.refused("journal", "verify", "--checkpoint", str(held))
    assert team.refused("journal", "export", called, str(tmp_path / "bundle.zip"), "--checkpoint", str(held))
    assert not (tmp_path / "bundle.zip").exists()


@pytest.mark.parametrize("words", [("K7Q2",), ("--all",), ("--all", "K7Q2", "x.zip"), ("a", "b", "c")])
def test_an_export_names_what_and_where_to(team: Prompt, words: tuple[str, ...]) -> None:
    assert team.type("journal", "export", *words).exit_code == 2


def test_what_does_not_fit_is_not_verified(team: Prompt, called: str, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    team.done("journal", "export", called, str(bundle))
    bundle.write_bytes(bundle.read_bytes()[:-40])

    said = verified(str(bundle))

    assert said.returncode == 1
    assert said.stdout.startswith("NOT VERIFIED.")
    assert verified().returncode == 2
