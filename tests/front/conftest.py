"""A command line with an instance of its own, on a real SQLite file, and people in it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner, Result

from engine.clock import SystemClock
from store import addresses, people
from store.database import Store, Tx
from store.keyring import Keyring
from tocsin.cli import tocsin

T = TypeVar("T")


@dataclass
class Prompt:
    """Somebody at a shell, in a folder of their own."""

    data: Path
    environ: dict[str, str]

    def type(self, *words: str, answer: str | None = None) -> Result:
        """Run one command."""
        return CliRunner(env=self.environ).invoke(tocsin, words, input=answer)

    def done(self, *words: str, answer: str | None = None) -> str:
        """Run one command that must succeed; gives what it printed."""
        result = self.type(*words, answer=answer)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *words: str, answer: str | None = None) -> str:
        """Run one command that must be refused; gives what it said on standard error."""
        result = self.type(*words, answer=answer)
        assert result.exit_code == 1, result.output
        assert "Traceback" not in result.output
        return result.stderr

    def read(self, *words: str) -> Any:
        """What a command prints with --json."""
        return json.loads(self.done(*words, "--json"))

    def transact(self, work: Callable[[Tx], T]) -> T:
        """Do `work` in the instance's own database, as the service would."""

        async def opened() -> T:
            keyring = Keyring.load(self.data / "keys")
            store = await Store.open(f"sqlite:///{self.data / 'tocsin.sqlite'}", SystemClock().now, keyring)
            try:
                return await store.run(work)
            finally:
                await store.close()

        return asyncio.run(opened())

    def enrol(self, *names: str) -> None:
        """Have people agree who were invited, each with a chat of their own."""

        def agreed(tx: Tx) -> None:
            for number, defender in enumerate(people.defenders(tx)):
                if defender.name in names:
                    addresses.add(tx, defender.id, "defender", "telegram", str(7000 + number), verified=True)
                    people.change_defender(tx, defender.id, state="active", consented_at=tx.now)
            for number, responder in enumerate(people.responders(tx)):
                if responder.name in names:
                    addresses.add(tx, responder.id, "responder", "telegram", str(8000 + number), verified=True)
                    people.change_responder(tx, responder.id, state="active", consented_at=tx.now)

        self.transact(agreed)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prompt:
    """A shell in an empty folder, in which nothing was begun."""
    monkeypatch.chdir(tmp_path)
    unset = ("DATA", "CONFIG", "DATABASE", "KEYS", "DEFENDER_BOT_TOKEN", "RESPONDER_BOT_TOKEN", "LADDERS", "LISTEN")
    for name in unset:
        monkeypatch.delenv(f"TOCSIN_{name}", raising=False)
    return Prompt(tmp_path / ".tocsin", {})


@pytest.fixture
def prompt(bare: Prompt) -> Prompt:
    """A shell where an instance was begun."""
    bare.done("init")
    return bare


@pytest.fixture
def team(prompt: Prompt) -> Prompt:
    """Ana with her contacts Bo and Cleo, the lawyer Dara, and a coordinator, everybody enrolled."""
    prompt.done("defender", "add", "Ana", "--profile", "high", "--zone", "America/Bogota")
    for name in ("Bo", "Cleo"):
        prompt.done("responder", "add", name, "--role", "contact", "--for", "Ana")
    prompt.done("responder", "add", "Dara", "--role", "lawyer")
    prompt.done("responder", "add", "Max", "--role", "coordinator")
    prompt.enrol("Ana", "Bo", "Cleo", "Dara", "Max")
    return prompt
