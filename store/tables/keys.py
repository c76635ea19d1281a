"""Wrapped data keys, which key-encryption key they are wrapped by, and to which ingest key what comes in is sealed.

On SQLite these tables are a small database of their own, in which nothing lingers that was deleted. They stand apart
from the others for that reason, and on PostgreSQL the migrations make them.
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
INGEST_KEY = (
    Table(  # the last one is in force; `proof` is ours, so that nobody else can have us seal to a key of theirs
        "ingest_key",
        KEYS,
        Column("n", Integer(), primary_key=True, autoincrement=False),
        Column("public", LargeBinary(), nullable=False),
        Column("proof", String(), nullable=False),
        Column("began_at", UtcTime(), nullable=False),
        CheckConstraint("n > 0", name="ingest_key_n"),
    )
)
