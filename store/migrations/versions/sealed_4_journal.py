"""The journal, the tree over it and its checkpoints, and the triggers that refuse every change to them."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_4"
down_revision = "sealed_3"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KEPT = {"journal": "id", "journal_leaf": "seq", "journal_checkpoint": "size"}  # tables that only grow, and their keys
CODES = (
    "'opened', 'called', 'delivered', 'answered', 'ended', 'incident', 'watch', 'person', 'erased', 'service'"
)  # fmt: skip
IS_KEPT = "the journal is append-only"

ON_SQLITE = [
    f"CREATE TRIGGER {table}_no_{name} BEFORE {what} BEGIN SELECT RAISE(ABORT, '{IS_KEPT}'); END"
    for table, key in KEPT.items()
    for name, what in {
        "update": f"UPDATE ON {table}",
        "delete": f"DELETE ON {table}",
        "replace": f"INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})",  # nosec B608 # noqa: S608 - our own names
    }.items()
] + [
    """CREATE TRIGGER journal_waits AFTER INSERT ON journal BEGIN
    INSERT INTO journal_waiting (entry, of_incident) VALUES (NEW.id, NEW.incident IS NOT NULL); END"""
]
ON_POSTGRESQL = [
    f"""CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{IS_KEPT}'; END $$""",
    *(
        f"""CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()"""
        for table in KEPT
    ),
    """CREATE FUNCTION journal_wait() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO journal_waiting (entry, of_incident) VALUES (NEW.id, NEW.incident IS NOT NULL);
    RETURN NULL; END $$""",
    "CREATE TRIGGER journal_waits AFTER INSERT ON journal FOR EACH ROW EXECUTE FUNCTION journal_wait()",
]


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_table(
        "journal",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("incident", sa.Uuid(), nullable=True),
        sa.Column("defender", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("cell", sa.Uuid(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("plain", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="journal_pkey"),
        sa.CheckConstraint(f"code in ({CODES})", name="journal_code"),
        sa.CheckConstraint("(sealed is null) <> (plain is null)", name="journal_content"),
        sa.CheckConstraint("(sealed is null) = (subject is null)", name="journal_subject"),
        sqlite_autoincrement=True,
    )
    op.create_index("journal_of_incident", "journal", ["incident", "id"])
    op.create_table(
        "journal_waiting",
        sa.Column("entry", RowNumber, autoincrement=False, nullable=False),
        sa.Column("of_incident", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["journal.id"], name="journal_waiting_entry_fkey"),
        sa.PrimaryKeyConstraint("entry", name="journal_waiting_pkey"),
    )
    op.create_table(
        "journal_leaf",
        sa.Column("seq", RowNumber, autoincrement=False, nullable=False),
        sa.Column("entry", RowNumber, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["journal.id"], name="journal_leaf_entry_fkey"),
        sa.PrimaryKeyConstraint("seq", name="journal_leaf_pkey"),
    )
    op.create_index("journal_leaf_entry", "journal_leaf", ["entry"], unique=True)
    op.create_table(
        "journal_checkpoint",
        sa.Column("size", RowNumber, autoincrement=False, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="journal_checkpoint_pkey"),
    )
    tree = op.create_table(
        "journal_tree",
        sa.Column("id", RowNumber, autoincrement=False, nullable=False),
        sa.Column("size", RowNumber, nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("handed_size", RowNumber, nullable=False),
        sa.Column("handed_at", Instant, nullable=True),
        sa.CheckConstraint("id = 1", name="journal_tree_one"),
        sa.PrimaryKeyConstraint("id", name="journal_tree_pkey"),
    )
    op.bulk_insert(tree, [{"id": 1, "size": 0, "peaks": b"", "handed_size": 0, "handed_at": None}])
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)
