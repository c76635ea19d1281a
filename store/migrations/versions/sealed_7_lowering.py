"""What lowers protection, and waits."""

revision = "sealed-7"
down_revision = "sealed-6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step on."""
