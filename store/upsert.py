"""INSERT that gives way to a row that is there: the same words on both databases."""

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert, insert  # SQLite reads ON CONFLICT as PostgreSQL does


def insert_new(table: Table) -> Insert:
    """Insert a row unless one with the same key, of whatever kind, is there."""
    return insert(table).on_conflict_do_nothing()


def insert_or_change(table: Table, *keys: str) -> Insert:
    """Insert a row, or give the one with the same `keys` all other values of it; it stays the same row."""
    statement = insert(table)
    names = [column.name for column in table.c if not column.primary_key and column.name not in keys]
    others = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=keys, set_=others)
