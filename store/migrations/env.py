"""Alembic's entrance: it is handed an open connection, inside a transaction that commits everything or nothing."""

from alembic import context

from store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, compare_type=True)
context.run_migrations()
