"""Who of a role can be called is answered from an index: it is asked with every alarm."""

from alembic import op

revision = "sealed_9"
down_revision = "sealed_8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step on."""
    op.create_index("responder_of_role", "responder", ["role", "state"], unique=False)
