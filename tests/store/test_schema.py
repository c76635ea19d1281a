"""The tables and the migrations say the same, on both databases."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from store.database import Store, Tx
from store.tables import METADATA
from store.tables.keys import KEYS


async def test_autogenerate_finds_nothing_to_do(store: Store) -> None:
    def differences(tx: Tx) -> list[Any]:
        context = MigrationContext.configure(tx.connection, opts={"compare_type": True})
        has_keys = tx.connection.dialect.name == "postgresql"  # on SQLite they have a file of their own
        described: Any = [METADATA, KEYS] if has_keys else METADATA  # Alembic takes several, though its stub says one
        return list(compare_metadata(context, described))

    assert await store.run(differences) == []


async def test_what_the_migrations_made_is_what_the_tables_say(store: Store) -> None:
    def both(tx: Tx) -> tuple[dict[str, Any], dict[str, Any]]:
        migrated = shape(tx.connection)
        METADATA.drop_all(tx.connection)
        METADATA.create_all(tx.connection)
        return migrated, shape(tx.connection)

    migrated, described = await store.run(both)

    assert migrated == described
    assert len(migrated["delivery"]["checks"]) == 7


def shape(connection: Connection) -> dict[str, Any]:
    """Everything that the database knows of our tables, in an order of its own."""
    seen = inspect(connection)
    return {
        table: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in seen.get_columns(table)},
            "key": seen.get_pk_constraint(table),
            "foreign": sorted(map(str, seen.get_foreign_keys(table))),
            "checks": sorted((str(c["name"]), c["sqltext"]) for c in seen.get_check_constraints(table)),
            "indexes": {str(index["name"]): written(index) for index in seen.get_indexes(table)},
        }
        for table in METADATA.tables
    }


def written(index: Any) -> tuple[object, ...]:
    """An index as it is told."""
    where = {option: str(rule) for option, rule in index["dialect_options"].items() if option.endswith("_where")}
    return index["column_names"], bool(index["unique"]), where
