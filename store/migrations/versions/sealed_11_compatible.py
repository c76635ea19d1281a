"""Which older programs may go on with this schema, while a new one is brought to one machine after the other."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_11"
down_revision = "sealed_10"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step on.

    A step that only adds (tables, columns that may be null or have a default) adds the revision before it here; one
    that changes or takes away empties the table first."""
    compatible = op.create_table(
        "compatible",
        sa.Column("revision", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name="compatible_pkey"),
    )
    op.bulk_insert(compatible, [{"revision": down_revision}])
