"""The journal, and the triggers that refuse every change to it."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_4"
down_revision = "sealed_3"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ON_SQLITE = [
    f"CREATE TRIGGER {name} BEFORE {what} BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
    for name, what in {
        "journal_no_update": "UPDATE ON journal",
        "journal_no_delete": "DELETE ON journal",
        "journal_no_replace": "INSERT ON journal WHEN EXISTS (SELECT 1 FROM journal WHERE id = NEW.id)",
    }.items()
]
ON_POSTGRESQL = [
    """CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$""",
    """CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()""",
]


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_table(
        "journal",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("incident", sa.Uuid(), nullable=True),
        sa.Column("defender", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Uuid(), nullable=True),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="journal_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("journal_of_incident", "journal", ["incident", "id"])
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)
