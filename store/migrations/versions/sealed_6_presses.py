"""Buttons and spoken checks."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_6"
down_revision = "sealed_5"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_table(
        "press",
        sa.Column("id_hash", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("delivery", RowNumber, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("says", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("dies_at", Instant, nullable=True),
        sa.Column("used_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="press_person_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id_hash", name="press_pkey"),
    )
    op.create_index("press_of_person", "press", ["person"])
    op.create_index("press_ends", "press", ["expires_at"])

    op.create_table(
        "spoken_check",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("numbers", sa.String(), nullable=False),
        sa.Column("begun_at", Instant, nullable=False),
        sa.Column("confirmed_at", Instant, nullable=True),
        sa.CheckConstraint("length(numbers) = 8", name="spoken_check_numbers"),
        sa.ForeignKeyConstraint(
            ["person", "side"],
            ["person.id", "person.side"],
            name="spoken_check_person_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person", name="spoken_check_pkey"),
    )
