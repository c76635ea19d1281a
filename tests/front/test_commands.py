"""The command line as such: what it refuses, how it says so, and what it leaves behind."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.front.conftest import Prompt
from tocsin import cli
from tocsin.refusing import FAULTS

HOUSE = Path(__file__).resolve().parents[2]


def test_run_without_tokens_is_refused_in_one_sentence_that_names_the_demo(prompt: Prompt) -> None:
    said = prompt.refused("run")

    assert said.count("\n") == 1
    assert "TOCSIN_DEFENDER_BOT_TOKEN and TOCSIN_RESPONDER_BOT_TOKEN" in said
    assert "tocsin demo" in said


def test_an_instance_is_not_begun_by_accident(bare: Prompt) -> None:
    said = bare.refused("defender", "list")

    assert "tocsin init" in said
    assert not bare.data.exists()


def test_init_makes_a_folder_for_its_owner_alone(bare: Prompt) -> None:
    bare.done("init")

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (bare.data, *bare.data.iterdir())}
    assert modes[".tocsin"] == 0o700
    assert modes["tocsin.toml"] == modes["tocsin.sqlite"] == 0o600


def test_init_a_second_time_changes_nothing(prompt: Prompt) -> None:
    (prompt.data / "tocsin.toml").write_text('language = "en"\n', encoding="utf-8")
    prompt.done("defender", "add", "Ana")

    assert "Already here" in prompt.done("init")
    assert (prompt.data / "tocsin.toml").read_text(encoding="utf-8") == 'language = "en"\n'
    assert [one["name"] for one in prompt.read("defender", "list")] == ["Ana"]


def test_a_fault_of_the_settings_stops_every_command_with_its_sentence(prompt: Prompt) -> None:
    prompt.environ["TOCSIN_LISTEN"] = "everywhere"

    for command in (("run",), ("init",), ("defender", "list"), ("chain", "check")):
        assert prompt.refused(*command) == "TOCSIN_LISTEN: write an address and a port, such as 127.0.0.1:8080.\n"


def test_a_fault_of_the_ladders_names_the_file_and_the_place(prompt: Prompt, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[chains]\n", encoding="utf-8")
    prompt.environ["TOCSIN_LADDERS"] = str(tmp_path / "own.toml")

    said = prompt.refused("chain", "check")

    assert all(line.startswith(str(tmp_path / "own.toml")) for line in said.splitlines())
    assert "profiles" in said


def test_a_database_of_an_unknown_kind_is_refused_with_a_sentence(prompt: Prompt) -> None:
    (prompt.data / "tocsin.sqlite").write_bytes(b"this is no database, and never was one" * 40)

    said = prompt.refused("defender", "list")

    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "words", [("defender",), ("responder", "add", "Bo"), ("incident", "close", "K7Q2"), ("nothing",)]
)
def test_wrong_usage_is_exit_code_2(prompt: Prompt, words: tuple[str, ...]) -> None:
    assert prompt.type(*words).exit_code == 2


def test_a_fault_of_ours_is_one_sentence_and_its_values_are_kept_from_everybody(
    prompt: Prompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def stumble() -> None:
        raise RuntimeError("Ana lives in Calle 13")

    monkeypatch.setitem(cli.tocsin.commands, "stumble", stumble)
    prompt.environ["TOCSIN_DATA"] = str(prompt.data)

    said = prompt.refused("stumble")

    details = (prompt.data / FAULTS).read_text(encoding="utf-8")
    assert said.count("\n") == 1
    assert str(prompt.data / FAULTS) in said
    assert "RuntimeError" in details
    assert "stumble" in details
    assert "Calle 13" not in said + details


def test_the_module_is_the_same_command(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE)}

    done = subprocess.run(
        [sys.executable, "-m", "tocsin", "run"], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Set TOCSIN_DEFENDER_BOT_TOKEN")
