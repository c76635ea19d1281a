"""The one place where a SQLModel class gives its table, and the words of the constraints are put together."""

from collections.abc import Iterable

from sqlalchemy import CheckConstraint, Index, MetaData, Table, text
from sqlmodel import SQLModel

COUNTS_UP = {"sqlite_autoincrement": True}  # the number of a deleted row is never given again

SQLModel.metadata.naming_convention = {  # PostgreSQL's own names, on SQLite too, so that a migration can speak of them
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
}


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a SQLModel class."""
    metadata: MetaData = SQLModel.metadata
    return metadata.tables[str(model.__tablename__)]


def check(name: str, rule: str) -> CheckConstraint:
    """A rule that every row keeps, in SQL that both databases read."""
    return CheckConstraint(rule, name=name)


def one_of(column: str, words: Iterable[str]) -> str:
    """The rule that `column` holds one of `words`."""
    return f"{column} in ({', '.join(repr(str(word)) for word in words)})"


def index_where(name: str, where: str, *columns: str, unique: bool = False) -> Index:
    """An index over the rows for which `where` holds."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))
