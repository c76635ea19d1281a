"""Codes, and what was asked with them and has not taken effect yet."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_7"
down_revision = "sealed_6"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_table(
        "code",
        sa.Column("defender", sa.Uuid(), nullable=False),
        sa.Column("hashed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["defender"], ["defender.id"], name="code_defender_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("defender", name="code_pkey"),
    )

    op.create_table(
        "lowering",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("defender", sa.Uuid(), nullable=False),
        sa.Column("wakes_at", Instant, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["defender"], ["defender.id"], name="lowering_defender_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="lowering_pkey"),
    )
    op.create_index("lowering_of_defender", "lowering", ["defender"])
    op.create_index("lowering_wakes", "lowering", ["wakes_at"])
