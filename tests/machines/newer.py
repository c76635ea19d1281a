"""A newer version of the program: a copy of this one whose schema is one step on, by a migration that only adds."""

import shutil
from pathlib import Path

from store import schema
from tests.machines.team import HOUSE

LATER = "later"
ROOMS = ("tocsin", "escalation", "store", "engine", "bot", "responders", "config", "rehearsal", "bench")

MIGRATION = '''"""Every delivery has a colour, which an older program does not know; and there is a table more."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_table("paint", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("colour", sa.String()))
    op.add_column("delivery", sa.Column("colour", sa.String(), nullable=False, server_default="grey"))
    op.add_column("incident", sa.Column("paint", sa.Integer(), sa.ForeignKey("paint.id"), nullable=True))
    op.create_index("delivery_colour", "delivery", ["colour"])
    op.execute("INSERT INTO compatible VALUES ('{before}')")
'''

WAITS = ("-c", """
import pathlib, time
import bot.door, responders.door
from bench.under_test import main
pathlib.Path("here").touch()
while not pathlib.Path("go").exists():
    time.sleep(0.01)
main()
""")  # fmt: skip  # what it imports is no part of what is tried


def newer_program(folder: Path) -> Path:
    """Put a newer program into `folder`; gives where it is imported from."""
    for room in ROOMS:
        shutil.copytree(HOUSE / room, folder / room)
    migration = MIGRATION.format(revision=LATER, before=schema.head())
    (folder / "store" / "migrations" / "versions" / "later.py").write_text(migration, encoding="utf-8")
    return folder
