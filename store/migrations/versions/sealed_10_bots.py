"""Several bots of one side: which there are, by which one somebody is reached, and which else they have begun."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_10"
down_revision = "sealed_9"
branch_labels = None
depends_on = None

IS_FIRST = sa.text("is_first")


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_table(
        "bot",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("side in ('defender', 'responder')", name="bot_side"),
        sa.PrimaryKeyConstraint("number", name="bot_pkey"),
    )
    op.create_index("bot_first_of_side", "bot", ["side"], unique=True, sqlite_where=IS_FIRST, postgresql_where=IS_FIRST)

    op.create_table(
        "begun",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("bot", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="begun_person_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "bot", name="begun_pkey"),
    )

    op.add_column("address", sa.Column("bot", sa.BigInteger(), nullable=True))
    op.add_column("invitation", sa.Column("bot", sa.BigInteger(), nullable=True))
