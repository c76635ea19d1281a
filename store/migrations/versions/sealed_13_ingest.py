"""Which ingest key is in force: whoever works on this database seals to it, whatever lies in their own folder."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_13"
down_revision = "sealed_12"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step on. It only adds: programs of the step before may go on."""
    if op.get_bind().dialect.name == "postgresql":  # on SQLite it is in the file of the data keys
        op.create_table(
            "ingest_key",
            sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("public", sa.LargeBinary(), nullable=False),
            sa.Column("proof", sa.String(), nullable=False),
            sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
            sa.CheckConstraint("n > 0", name="ingest_key_n"),
            sa.PrimaryKeyConstraint("n", name="ingest_key_pkey"),
        )
    compatible = sa.table("compatible", sa.column("revision", sa.String()))
    op.bulk_insert(compatible, [{"revision": down_revision}])
