"""What is left on the disk when a service has stopped, row by row, and how each column should be kept."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, Table, create_engine, select

import store.sealing
from escalation.people import IncidentId
from store.sealing import HOUSE, Cell
from store.tables import METADATA
from store.tables.keys import KEYS
from tests.bars.lived import Planted

CLASSIFIED: dict[str, dict[str, str]] = tomllib.loads(
    (Path(store.sealing.__file__).parent / "classification.toml").read_text(encoding="utf-8")
)
COLUMNS = {
    (table.name, column.name): column for kept in (METADATA, KEYS) for table in kept.sorted_tables for column in table.c
}


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is left when the service has stopped: its folder, the database in it, and what had been planted."""

    folder: Path
    planted: Planted
    while_it_ran: list[tuple[str, str]]
    incidents: list[IncidentId]
    mails: int

    @property
    def databases(self) -> list[Path]:
        """Every SQLite file."""
        return [path for path in sorted(self.folder.rglob("*")) if path.is_file() and _is_sqlite(path)]

    def rows(self, kept: MetaData = METADATA) -> Iterator[tuple[Table, dict[str, Any]]]:
        """Every row of every table."""
        name = "tocsin.db" if kept is METADATA else "tocsin-keys.sqlite"
        engine = create_engine(f"sqlite:///{self.folder / name}")
        with engine.connect() as connection:
            for table in kept.sorted_tables:
                for row in connection.execute(select(table)).mappings():
                    yield table, dict(row)
        engine.dispose()


def _is_sqlite(path: Path) -> bool:
    return path.read_bytes()[:15] == b"SQLite format 3"


def cells_of(aftermath: Aftermath) -> Iterator[tuple[UUID, Cell, bytes]]:
    """Every place where something is sealed: whose it is, which place, and what stands there."""
    whose = {row["id"]: row["defender"] for table, row in aftermath.rows() if table.name == "incident"}
    for table, row in aftermath.rows():
        for column in of_class(table, "routable"):
            if row[column] is None:
                continue
            subject, number = _place(table.name, row, whose)
            yield subject, Cell(table.name, column, number), row[column]


def _place(table: str, row: dict[str, Any], whose: dict[UUID, UUID]) -> tuple[UUID, UUID | str]:
    match table:
        case "defender" | "responder":
            return row["id"], row["id"]
        case "address":
            return row["person"], f"{row['person']}:{row['channel']}"
        case "delivery":
            return whose.get(row["incident"], row["person"]), row["cell"]
        case "journal":
            return row["subject"], row["cell"]
        case "press":
            return HOUSE, row["id_hash"]
        case "code":
            return row["defender"], row["defender"]
        case _:
            return row["defender"], row["id"]


def of_class(table: Table, *classes: str) -> list[str]:
    return [column.name for column in table.c if CLASSIFIED[table.name][column.name] in classes]
