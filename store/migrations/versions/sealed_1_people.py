"""People: who they are, where they are reached, who is called for whom."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_1"
down_revision = None
branch_labels = None
depends_on = None

Instant = sa.DateTime(timezone=True)
RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.CheckConstraint("side in ('defender', 'responder')", name="person_side"),
        sa.PrimaryKeyConstraint("id", name="person_pkey"),
    )
    op.create_index("person_id_side", "person", ["id", "side"], unique=True)

    op.create_table(
        "defender",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("card", sa.LargeBinary(), nullable=False),
        sa.Column("safe_word", sa.String(), nullable=True),
        sa.Column("consented_at", Instant, nullable=True),
        sa.CheckConstraint("state <> 'active' or consented_at is not null", name="defender_active_agreed"),
        sa.CheckConstraint("state in ('invited', 'enrolling', 'active', 'left')", name="defender_state"),
        sa.ForeignKeyConstraint(["id"], ["person.id"], name="defender_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="defender_pkey"),
    )
    op.create_index(
        "defender_active",
        "defender",
        ["id"],
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )

    op.create_table(
        "responder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("card", sa.LargeBinary(), nullable=False),
        sa.Column("away_until", Instant, nullable=True),
        sa.Column("consented_at", Instant, nullable=True),
        sa.CheckConstraint(
            "role in ('contact', 'colleague', 'lawyer', 'partner', 'coordinator', 'lead', 'director')",
            name="responder_role",
        ),
        sa.CheckConstraint("state <> 'active' or consented_at is not null", name="responder_active_agreed"),
        sa.CheckConstraint("state in ('invited', 'enrolling', 'active', 'removed')", name="responder_state"),
        sa.ForeignKeyConstraint(["id"], ["person.id"], name="responder_id_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="responder_pkey"),
    )

    op.create_table(
        "tier_place",
        sa.Column("defender", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("responder", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["defender"], ["defender.id"], name="tier_place_defender_fkey", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["responder"], ["responder.id"], name="tier_place_responder_fkey", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("defender", "tier", "responder", name="tier_place_pkey"),
    )
    op.create_index("tier_place_responder", "tier_place", ["responder"])

    op.create_table(
        "address",
        sa.Column("id", RowNumber, nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("blind", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("verified_at", Instant, nullable=True),
        sa.Column("last_ok_at", Instant, nullable=True),
        sa.Column("disabled_at", Instant, nullable=True),
        sa.Column("disabled_why", sa.String(), nullable=True),
        sa.CheckConstraint("(disabled_at is null) = (disabled_why is null)", name="address_disabled_why"),
        sa.CheckConstraint("(address is null) = (blind is null)", name="address_is_found"),
        sa.CheckConstraint("address is not null or disabled_at is not null", name="address_forgotten_is_disabled"),
        sa.ForeignKeyConstraint(
            ["person", "side"],
            ["person.id", "person.side"],
            name="address_person_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="address_pkey"),
        sqlite_autoincrement=True,
    )
    op.create_index("address_is_one_persons", "address", ["side", "channel", "blind"], unique=True)
    op.create_index("address_of_person", "address", ["person", "channel"], unique=True)

    op.create_table(
        "invitation",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["person", "side"],
            ["person.id", "person.side"],
            name="invitation_person_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code_hash", name="invitation_pkey"),
    )
    op.create_index("invitation_of_person", "invitation", ["person"], unique=True)

    if op.get_bind().dialect.name == "postgresql":  # on SQLite they have a file of their own
        _tables_of_keys()


def _tables_of_keys() -> None:
    op.create_table(
        "data_key",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("kek", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="data_key_pkey"),
    )
    op.create_index("ix_data_key_kek", "data_key", ["kek"])
    op.create_table(
        "key_epoch",
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kek", sa.String(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("began_at", Instant, nullable=False),
        sa.CheckConstraint("n > 0", name="key_epoch_n"),
        sa.PrimaryKeyConstraint("n", name="key_epoch_pkey"),
    )
