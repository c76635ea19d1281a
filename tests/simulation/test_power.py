"""A power cut in the middle of a commit, as the simulation makes one, against a real file of SQLite."""

import sqlite3
from pathlib import Path
from random import Random

from simulation.power import PowerCut

MANY = 40
ROW = "x" * 9000  # bytes; several pages


def opened(file: Path) -> sqlite3.Connection:
    """A database with one table, as the service has its own."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL").close()
    connection.execute("PRAGMA synchronous = FULL").close()
    connection.execute("CREATE TABLE IF NOT EXISTS said (word TEXT)").close()
    return connection


def rows_after(folder: Path, seed: int) -> tuple[str, list[int]]:
    """How a log was torn whose second row was being committed, and which rows are there then."""
    folder.mkdir()
    power = PowerCut(folder / "some.db", Random(seed))
    connection = opened(folder / "some.db")
    connection.execute("INSERT INTO said VALUES (?)", (f"1{ROW}",)).close()
    power.look()
    connection.execute("INSERT INTO said VALUES (?)", (f"2{ROW}",)).close()
    power.freeze()
    connection.close()
    assert power.restore() is None
    again = opened(folder / "some.db")
    found = [int(word[0]) for (word,) in again.execute("SELECT word FROM said")]
    again.close()
    return power.torn, found


def test_what_was_committed_is_there_and_what_was_on_its_way_may_be_gone(tmp_path: Path) -> None:
    after = [rows_after(tmp_path / str(seed), seed) for seed in range(MANY)]

    assert {torn for torn, _ in after} == {"cut off", "zeros", "garbage", "holes"}
    assert all(found in ([1], [1, 2]) for _, found in after)
    assert sum(found == [1] for _, found in after) > MANY / 2


def test_a_log_that_was_copied_already_is_not_torn(tmp_path: Path) -> None:
    power = PowerCut(tmp_path / "some.db", Random(1))
    connection = opened(tmp_path / "some.db")
    power.look()
    connection.execute("INSERT INTO said VALUES (?)", (f"1{ROW}",)).close()
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
    power.freeze()
    connection.close()

    assert power.torn == ""
    assert power.restore() is None
