"""Bringing the schema up to date, or refusing it.

A fresh database goes through every migration; one that is older goes through those it lacks, in one transaction. What
names a revision that we do not know, or holds tables that are not ours, is refused and left as it is; unless it says of
itself that programs of our revision may go on with it, as they do while a newer one is brought to one machine after the
other.
"""

from collections.abc import Collection
from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from .refusals import SchemaRefused

MIGRATIONS = Path(__file__).parent / "migrations"
REVISIONS = text("SELECT version_num FROM alembic_version")
COMPATIBLE = text("SELECT revision FROM compatible")
ONE_AT_A_TIME = Lock()  # Alembic keeps what it works on in a module


def config_for(connection: Connection | None = None) -> Config:
    """Alembic's settings, with the connection on which it is to work."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def head() -> str | None:
    """The newest revision that we know."""
    return ScriptDirectory.from_config(config_for()).get_current_head()


def check(holds_tables: bool, found: Collection[str], compatible: Collection[str] = ()) -> None:
    """Raises SchemaRefused unless the database is empty, at a revision that we know, or one of those whose programs it
    says are `compatible` is ours."""
    if holds_tables and not found:
        raise SchemaRefused("This database holds tables that are not Tocsin's: give Tocsin an empty one of its own.")
    known = {script.revision for script in ScriptDirectory.from_config(config_for()).walk_revisions()}
    for revision in found:
        if revision not in known and head() not in compatible:
            raise SchemaRefused(
                f"This database was written by another version of Tocsin (schema {revision}), and nothing in it was "
                "changed: start that version, or a newer one."
            )


def bring_up(connection: Connection) -> None:
    """Run the migrations that are missing, inside the transaction of `connection`; none where the database is ahead of
    us and we may go on with it. Raises SchemaRefused."""
    names = inspect(connection).get_table_names()
    found = tuple(connection.execute(REVISIONS).scalars()) if "alembic_version" in names else ()
    compatible = tuple(connection.execute(COMPATIBLE).scalars()) if "compatible" in names else ()
    check(bool(names), found, compatible)
    if list(found) != [head()] and head() not in compatible:
        with ONE_AT_A_TIME:
            command.upgrade(config_for(connection), "head")
