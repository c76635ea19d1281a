"""PostgreSQL: for several machines. Rows that will change are locked as they are read.

A transaction that met another's lock in the wrong order, or whose connection broke before its commit, is begun again
from the start, and then goes alone: the work of a transaction reads everything anew and has no effect outside it.
"""

from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from .refusals import StoreRefused

POOL = 4  # connections; each has a thread
CONNECT_TIMEOUT = 10  # seconds
FROZEN_AFTER = 30_000  # milliseconds of silence in a transaction that only reads
STOOD_STILL_AFTER = 6_000  # the same in one that writes: then its process stands still, and holds up the others
NAME = "tocsin"  # by which our sessions know each other
UNHEARD = "-c tcp_keepalives_idle=4 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=2"  # who is out of reach, ends
SESSION = f"-c timezone=UTC -c synchronous_commit=on -c idle_in_transaction_session_timeout={FROZEN_AFTER} {UNHEARD}"
SCHEMA_LOCK = 862_766  # "TOCSIN" on a telephone's keys; held while the schema is brought up to date
TURN_LOCK = SCHEMA_LOCK + 1  # shared by all who write, but for who goes alone
GUARDS = SCHEMA_LOCK + 2  # the first half of the locks by which workers show that their session lives
TURNS = SCHEMA_LOCK + 3  # the first half of the locks for what only one worker does at a time
LINE: dict[str, Any] = {
    "application_name": NAME, "connect_timeout": CONNECT_TIMEOUT,
    "tcp_user_timeout": 5_000, "keepalives_idle": 4, "keepalives_interval": 2,
}  # fmt: skip
WRITES = f"set_config('idle_in_transaction_session_timeout', '{STOOD_STILL_AFTER}', true)"
TOGETHER = text(f"SELECT {WRITES}, pg_advisory_xact_lock_shared({TURN_LOCK})")
ALONE = text(f"SELECT {WRITES}, pg_advisory_xact_lock({TURN_LOCK})")
END_THE_STILL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name = %s
    AND backend_xid IS NOT NULL AND wait_event = 'ClientRead'
    AND state_change < clock_timestamp() - %s * interval '1 ms'
"""  # the server's own rule does not hold after a pipeline (measured on 18.4), and `executemany` is one
RAN_INTO_ANOTHER = ("40001", "40P01")  # SQLSTATE: serialization failure, deadlock (PostgreSQL manual, appendix A)


def is_postgres(url: URL) -> bool:
    """Whether `url` is one of the usual spellings of a PostgreSQL address."""
    return url.drivername.split("+")[0] in ("postgresql", "postgres")


def engine_for(url: URL) -> Engine:
    """An engine on the server of `url`, whatever driver that names. Its sessions speak UTC."""
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_size=POOL,
        max_overflow=0,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        connect_args={**LINE, "options": SESSION},
    )
    event.listen(engine, "handle_error", _hide_rows)
    return engine


def words_for(url: URL, session: str) -> dict[str, Any]:
    """How the driver opens a connection of its own to the server of `url`; `session` are settings for it."""
    named = url.set(drivername="postgresql+psycopg")
    return {**named.get_dialect()().create_connect_args(named)[1], **LINE, "options": session}


def begin_schema(connection: Connection) -> None:
    """Let only one machine at a time bring the schema up to date, on a server that can hold every language."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEMA_LOCK})
    encoding = connection.execute(text("SHOW server_encoding")).scalar()
    if encoding != "UTF8":
        raise StoreRefused(f"The database is encoded in {encoding}: create one with ENCODING 'UTF8'.")


def take_turn(connection: Connection, *, alone: bool) -> None:
    """Let a transaction that writes begin beside the others, or wait for them and keep new ones out until it ends."""
    connection.execute(ALONE if alone else TOGETHER)


def may_begin_again(error: DBAPIError) -> bool:
    """Whether a transaction failed only because of another that ran beside it, or because its connection broke."""
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in RAN_INTO_ANOTHER


def _hide_rows(context: ExceptionContext) -> None:
    """Keep the message and drop PostgreSQL's details, which quote the row that was refused."""
    orig = context.original_exception
    primary = getattr(getattr(orig, "diag", None), "message_primary", None)
    if primary is None:
        return
    orig.args = (primary,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"({type(orig).__name__}) {primary}",)
