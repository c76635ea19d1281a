"""Several that work on one database: who they are, what each has in hand, and how well each bot is heard."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_8"
down_revision = "sealed_7"
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
IN_HAND = sa.text("worker is not null")


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_table(
        "worker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("guard", sa.Integer(), nullable=True),
        sa.Column("began_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="worker_pkey"),
    )
    op.create_index("worker_seen", "worker", ["seen_at"], unique=False)

    op.create_table(
        "listening",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("answered_at", Instant, nullable=False),
        sa.Column("behind", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="listening_pkey"),
    )

    op.add_column("inbox", sa.Column("worker", sa.Uuid(), nullable=True))
    op.create_index("inbox_in_hand", "inbox", ["worker"], unique=False, sqlite_where=IN_HAND, postgresql_where=IN_HAND)

    op.add_column("delivery", sa.Column("worker", sa.Uuid(), nullable=True))
    op.create_index(
        "delivery_in_hand", "delivery", ["worker"], unique=False, sqlite_where=IN_HAND, postgresql_where=IN_HAND
    )
