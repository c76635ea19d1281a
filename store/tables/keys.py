"""Wrapped data keys, and which key-encryption key they are wrapped by.

On SQLite these two tables are a small database of their own, in which nothing lingers that was deleted. They stand
apart from the others for that reason, and on PostgreSQL the first migration makes them.
"""

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, MetaData, String, Table, Uuid

from store.columns import UtcTime

KEYS = MetaData()

DATA_KEY = Table(
    "data_key",
    KEYS,
    Column("subject", Uuid(), primary_key=True),
    Column("kek", String(), nullable=False, index=True),
    Column("wrapped", LargeBinary(), nullable=False),
    Column("made_at", UtcTime(), nullable=False),
)
KEY_EPOCH = Table(
    "key_epoch",
    KEYS,
    Column("n", Integer(), primary_key=True, autoincrement=False),
    Column("kek", String(), nullable=False),
    Column("root", String(), nullable=False),
    Column("began_at", UtcTime(), nullable=False),
    CheckConstraint("n > 0", name="key_epoch_n"),
)
