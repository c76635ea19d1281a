"""What is true beneath the code and the safe word that show; all that shows, as long as nothing is written there."""

import sqlalchemy as sa
from alembic import op

revision = "sealed_12"
down_revision = "sealed_11"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema one step on."""
    op.add_column("code", sa.Column("beneath", sa.LargeBinary(), nullable=True))
    op.bulk_insert(sa.table("compatible", sa.column("revision", sa.String())), [{"revision": down_revision}])
