"""What lowers protection, and waits."""

revision = "sealed_7"
down_revision = "sealed_6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step on."""
